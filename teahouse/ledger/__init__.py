"""Checking the books from outside: nothing in here uses the service's code."""
