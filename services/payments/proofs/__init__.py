"""Proof: a signed root over each day of the log, and receipts that lead to it."""
