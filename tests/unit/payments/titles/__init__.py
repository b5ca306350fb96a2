"""How invoices are made out."""
