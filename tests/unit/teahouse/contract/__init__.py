"""The commands of ``teahouse contract``."""
