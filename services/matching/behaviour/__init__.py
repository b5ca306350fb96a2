"""Behaviour: the append-only record of what organisations did."""
