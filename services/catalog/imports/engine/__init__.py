"""Pure computing on CSV files: encoding, lines, cells, and what is wrong with them."""
