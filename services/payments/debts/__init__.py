"""What is owed since refunds and disputes found less than was to be given back."""
