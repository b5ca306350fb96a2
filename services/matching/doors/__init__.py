"""Door codes: signed words that guests show at the door."""
