"""Deciding and remembering entries in columns: pure computing, no storage, no clock."""
