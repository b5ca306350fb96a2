"""What ``benchmarks.matching_quality`` is made of: data, peers, terms, fits and figures."""
