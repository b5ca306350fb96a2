"""Royalties of versions that somebody claims are copies: held, then paid out by the ruling."""
