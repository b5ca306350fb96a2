"""Escrow: a claim's subsidy, held from the claim to the settlement."""
