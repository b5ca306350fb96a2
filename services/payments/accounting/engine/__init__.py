"""Reckoning with accounts: their kinds in a chart, the age of what is owed, text."""
