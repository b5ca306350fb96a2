"""Cartridges: published themes, each version checked, frozen and known by its digest."""
