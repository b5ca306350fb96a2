"""Imports: lots from a CSV file, checked line by line, published once confirmed."""
