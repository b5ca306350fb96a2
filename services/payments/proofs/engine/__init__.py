"""Trees of hashes, and what is hashed of an entry."""
