"""Communities: the people a host brings together, what they care about, and where."""
