"""Corrections: fewer came than was said, and what was paid beyond that comes back."""
