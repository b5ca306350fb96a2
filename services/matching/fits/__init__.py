"""Fits: which hosts and brands suit each other, counted from both sides, before any lot."""
