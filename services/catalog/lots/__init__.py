"""Surplus lots: what a brand has too much of, in small packs, and the journal of its stock."""
