"""Venues and the hours they lend: each slot is booked by one gathering at most."""
