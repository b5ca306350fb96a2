"""How amounts and reasons are written for people."""
