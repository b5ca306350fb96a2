"""What is owed since refunds, clawbacks and disputes found less than was to be given back."""
