"""Share contracts: who gets what part, as everybody concerned has signed it."""
