"""Computing for recurrences that knows nothing of venues."""
