"""Door keys: what signs the codes that guests show at the door."""
