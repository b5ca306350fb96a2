"""Listings: what hosts can find of a lot while it is open and has free packs."""
