"""How much of what an organisation is released stays in its reserve for a time, and why."""
