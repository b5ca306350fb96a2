"""What can be computed about a lot without knowing the lot."""
