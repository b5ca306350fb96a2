"""What keeps the house in order: checks and generators that run from the Makefile."""
