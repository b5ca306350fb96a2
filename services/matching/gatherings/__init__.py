"""Gatherings: what people attend, from the plan to the settlement."""
