"""Venues: what a room is, what it has, and on what terms it is lent."""
