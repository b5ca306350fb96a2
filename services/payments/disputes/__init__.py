"""Disputes: what buyers have their banks take back, held, answered, won or lost."""
