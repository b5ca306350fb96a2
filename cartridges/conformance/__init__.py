"""The conformance suite: what every implementation of the format must accept and refuse."""
