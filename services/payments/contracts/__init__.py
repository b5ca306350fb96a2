"""Share contracts: who gets what part, frozen when a claim is made."""
