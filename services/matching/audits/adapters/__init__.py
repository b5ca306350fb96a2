"""Audits for people and spreadsheets: a page, plots, a table."""
