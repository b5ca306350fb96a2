"""Computing on the text of listings; knows nothing of the rest."""
