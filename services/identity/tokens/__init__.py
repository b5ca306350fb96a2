"""Tokens: sessions with rotating refresh tokens, access tokens, service tokens."""
