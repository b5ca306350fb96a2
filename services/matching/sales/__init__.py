"""Sales of a gathering, and the refunds that take them back."""
