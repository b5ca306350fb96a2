"""Identity: people, organisations, roles and tokens."""
