"""What organisations owe since refunds or clawbacks found less than they had to give back."""
