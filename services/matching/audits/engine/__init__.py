"""Computing that knows nothing of brands and hosts: exposure, evenness, groups."""
