"""What gatherings are made of, as the catalog tells of it: venue slots, cartridges, kits."""
