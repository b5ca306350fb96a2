"""Matching: hosts, communities, claims and gatherings."""
