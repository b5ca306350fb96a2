"""Where a market comes from, what solves it, and how a clearing is shown."""
