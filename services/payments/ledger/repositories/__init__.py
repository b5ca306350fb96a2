"""The books over MongoDB: the log, its one writer, and what is projected from it."""
