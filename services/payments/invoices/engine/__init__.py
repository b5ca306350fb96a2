"""Periods and rates of tax. Pure."""
