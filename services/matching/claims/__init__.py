"""Claims: a host takes packs of a lot, and the subsidy that comes with them."""
