"""Hosts as the catalog knows them: which of them have a record."""
