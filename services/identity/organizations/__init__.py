"""Organisations: the parties of the marketplace, and who belongs to them."""
