"""Alipay as a payment provider: shares of what buyers paid there, and payouts to its accounts."""
