"""Invoices: what organisations charge each other by the books, a month and a pair at a time."""
