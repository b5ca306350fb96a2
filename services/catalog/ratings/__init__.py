"""What became of runs of a cartridge: verified runs, and the ratings of those who ran it."""
