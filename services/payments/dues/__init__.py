"""Dues: what one organisation owes another, paid out of what comes in for it."""
