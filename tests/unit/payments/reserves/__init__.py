"""Reserves of organisations."""
