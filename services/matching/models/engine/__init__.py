"""Weights learned from what was claimed and judged by what was logged. Pure, numpy only."""
