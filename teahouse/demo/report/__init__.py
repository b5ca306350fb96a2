"""What the demo shows at its end: a table, a page, one JSON object."""
