"""Computing with codes, knowing nothing of who makes them."""
