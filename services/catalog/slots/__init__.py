"""The hours venues lend: each slot is held and booked by one at most."""
