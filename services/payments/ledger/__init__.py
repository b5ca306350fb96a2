"""The books: an append-only log of balanced entries, and what is read from it."""
