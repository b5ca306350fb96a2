"""The same hours again and again: every occurrence checked, then held together."""
