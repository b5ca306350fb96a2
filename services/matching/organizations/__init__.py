"""Organisations as matching knows them: which of them are hosts."""
