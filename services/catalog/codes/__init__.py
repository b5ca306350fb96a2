"""Signed codes on packs, invitations and doors, and who scanned them."""
