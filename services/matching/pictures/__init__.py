"""Pictures: who a host's people are, what they came to and bought, and how she kept her word."""
