"""Invoice titles: whom an organisation's invoices are made out by and to."""
