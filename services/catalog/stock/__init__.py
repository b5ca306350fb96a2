"""Reservations: packs set aside for a claim, and what becomes of them."""
