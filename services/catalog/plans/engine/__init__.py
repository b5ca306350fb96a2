"""Computing with the clock on the wall."""
