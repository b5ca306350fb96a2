"""How much of one published theme is found in another, passage by passage."""
