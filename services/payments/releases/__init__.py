"""Shares that wait until returns are over, and the releases that free them for payout."""
