"""Access tokens for tests, signed by a key that only they know."""

from __future__ import annotations

import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.auth import ALGORITHM, TYPE

AUDIENCE = ["identity", "catalog", "matching", "payments"]
ISSUER = "teahouse-identity"


class SigningKeys:
    """A key ring with one key; stands in for identity's published keys."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", parameters={"kid": "test", "alg": ALGORITHM})

    def find(self, kid: str) -> OKPKey | None:
        return self.key if kid == "test" else None

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        given = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "usr_01m80t6qxcevrs0fn3mtvw1bjz",
            "exp": int(time.time()) + 600,
        }
        head = {"alg": ALGORITHM, "typ": TYPE, "kid": "test", **(header or {})}
        return jwt.encode(head, given | claims, self.key, algorithms=[ALGORITHM])

    def member(self, organization_id: str, kind: str, *roles: str, **claims: Any) -> str:
        """The token of a member acting for an organisation."""
        return self.token(
            org=organization_id, kind=kind, roles=list(roles or ("owner",)), **claims
        )

    def service(self, name: str, audience: str) -> str:
        """The token of a service."""
        return self.token(sub=f"service:{name}", aud=audience)


def bearer(token: str, key: str | None = None) -> dict[str, str]:
    """Request headers with this token and, for a POST, an idempotency key."""
    headers = {"Authorization": f"Bearer {token}"}
    return headers if key is None else headers | {"Idempotency-Key": key}
