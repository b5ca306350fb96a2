"""Comparing texts and programmes; knows nothing of authors, versions or storage."""
