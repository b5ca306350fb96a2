"""A bank as a provider: payments leave in files, and its statements tell what became of them."""
