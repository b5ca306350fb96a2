"""Shipments: the goods of a confirmed claim on their way, their count, returns and exchanges."""
