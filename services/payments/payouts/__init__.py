"""Payouts: what may be paid out leaves in batches, is held in the books, and ends for certain."""
