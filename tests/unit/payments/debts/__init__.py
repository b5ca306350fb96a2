"""Debts after refunds."""
