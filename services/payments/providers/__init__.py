"""Payment providers: one port to all of them, and the operations we ask of them."""
