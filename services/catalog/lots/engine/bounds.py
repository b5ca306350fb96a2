"""How large a lot may be, however it comes in."""

MOST_LINES = 200  # of a manifest
GREATEST_COUNT = 1_000_000  # of packs, and of units in one
