"""A seeded simulator of payments: the real code on stubs that lose, repeat, reorder and die."""
