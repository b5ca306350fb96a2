"""Models: the weights by which offers are ranked, how they were learned, judged and promoted."""
