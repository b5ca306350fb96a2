"""Photos of lots: taken in, encoded anew, kept and given out."""
