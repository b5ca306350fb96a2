"""Against a real mongod and a real broker."""
