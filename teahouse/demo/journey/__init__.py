"""The people of the demo: they know public addresses and HTTP, nothing of the code behind."""
