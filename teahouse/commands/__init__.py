"""One module for each command of ``teahouse``."""
