"""Access tokens signed as JWT (RFC 7519, RFC 9068) with the active key of the ring."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from joserfc import jwt

from chassis.auth import ALGORITHM, TYPE
from services.identity.keys.adapters import SealedKeys
from services.identity.keys.use_cases import KeyRings

SECRET_BYTES = 32


class JwtSigner:
    """The ``Signer`` port."""

    def __init__(self, rings: KeyRings, keys: SealedKeys) -> None:
        self._rings = rings
        self._keys = keys

    def sign(self, claims: Mapping[str, Any]) -> str:
        active = self._rings.get().active
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": active.id}
        return jwt.encode(header, dict(claims), self._keys.open(active), algorithms=[ALGORITHM])


def random_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(SECRET_BYTES)
