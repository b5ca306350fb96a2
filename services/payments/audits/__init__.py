"""Audits: everything projected from the log, compared with the log, again and again."""
