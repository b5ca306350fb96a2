"""Settlements: takings, subsidy and naming fee shared out among six roles, and back again."""
