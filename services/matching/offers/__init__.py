"""What is on offer: surplus lots and subsidies as the catalog tells of them, ranked for a host."""
