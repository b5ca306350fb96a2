"""What organisations owe since refunds found less than they had to give back."""
