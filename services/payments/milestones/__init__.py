"""Milestones: a subsidy released part by part, which neither side alone can free or freeze."""
