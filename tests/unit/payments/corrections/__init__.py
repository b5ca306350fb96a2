"""Corrections of outcomes."""
