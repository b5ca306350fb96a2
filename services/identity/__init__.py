"""Identity: people, the organisations they act for, and the proof of who is asking."""
