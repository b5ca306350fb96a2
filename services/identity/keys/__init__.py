"""Keys: what tokens are signed with, and what verifies them."""
