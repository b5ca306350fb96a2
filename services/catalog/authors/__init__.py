"""Authors' keys: which organisation is paid for the signature of whom."""
