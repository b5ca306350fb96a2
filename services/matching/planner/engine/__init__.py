"""Computing that knows nothing of gatherings: pairs in the order of what they cost."""
