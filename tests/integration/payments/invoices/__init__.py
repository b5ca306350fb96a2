"""Invoices of real books."""
