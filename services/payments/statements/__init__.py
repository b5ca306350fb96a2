"""Statements: what moved on an account, why, and proof that it adds up."""
