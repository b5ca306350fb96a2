"""Clearings: once a period, all hosts and all lots are matched together."""
