"""Naming rights: a brand's name on N gatherings, earned one by one."""
