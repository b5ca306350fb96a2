"""Subsidy offers: what a brand pays for every gathering held with its goods."""
