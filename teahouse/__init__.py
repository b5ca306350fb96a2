"""The operator's command line: start it, look at it, mend it."""
