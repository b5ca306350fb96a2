"""Soft holds: packs kept for one host for two days, which she claims as usual or gives back."""
