"""Computing on what was found; knows nothing of the rest."""
