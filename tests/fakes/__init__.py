"""Payment providers of our own that speak real ones' formats, each a real HTTP server."""
