"""Kits: goods of several brands, a venue and a cartridge in one offer, signed by all."""
