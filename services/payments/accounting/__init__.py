"""Accounting: trial balance, ageing, income, and the books as beancount text."""
