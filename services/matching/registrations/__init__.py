"""Registrations: what guests answer to the questions of a cartridge."""
