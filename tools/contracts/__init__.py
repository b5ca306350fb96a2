"""Writes ``contracts/`` from the code, and tells where the two differ."""
