"""Pure computing on manifests: checks with reasons, canonical form, digest."""
