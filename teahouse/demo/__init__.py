"""The main job on real input: prepare it, play everybody over HTTP, report, check."""
