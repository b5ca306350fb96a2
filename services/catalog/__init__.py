"""Catalog: what brands, venues and authors offer."""
