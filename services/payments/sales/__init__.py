"""Sales: what guests bought at a gathering, as the books have it."""
