"""What hosts were shown: which lots at which places, by which model, and by what chance."""
