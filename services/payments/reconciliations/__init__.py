"""What providers and the bank say moved, line by line, against our own operations."""
