"""What is done to a photo, whoever it is of."""
