"""``teahouse cartridge``: an author's tools, from the first line to the published version."""
