"""Finding lots: by words, category, condition, distance, dates, price and subsidy."""
