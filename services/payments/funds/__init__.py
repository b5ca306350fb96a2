"""Funds: the money that has arrived for an offer or a naming-rights package."""
