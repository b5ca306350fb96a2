"""The offer index: which lots fit a host best, exactly and with reasons. Pure, numpy only."""
