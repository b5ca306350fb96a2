"""Pure computing on files of lots: kinds, lines, cells, what is wrong with them, and writing."""
