"""What a pinned cartridge says about one plan; computing that knows nothing of the rest."""
