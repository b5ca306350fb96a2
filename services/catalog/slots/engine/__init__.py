"""Computing for slots that knows nothing of them."""
