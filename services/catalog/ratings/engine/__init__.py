"""Reckoning that knows nothing of cartridges or storage."""
