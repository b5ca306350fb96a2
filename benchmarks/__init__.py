"""One command a headline figure."""
