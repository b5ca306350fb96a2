"""Milestones of subsidies."""
