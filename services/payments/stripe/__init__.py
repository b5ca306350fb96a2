"""Stripe Connect as a payment provider: payouts and shares are transfers to connected accounts."""
