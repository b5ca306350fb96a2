"""Keys over HTTP: the published set, and rotation."""

from __future__ import annotations

from datetime import timedelta

from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, public
from services.identity.keys.domain import SigningKey
from services.identity.keys.schemas import JwksSchema
from services.identity.keys.use_cases import KeyMaker, KeyRings, rotate_keys


def keys_blueprint(rings: KeyRings, maker: KeyMaker, life: timedelta, clock: Clock) -> Blueprint:
    """Routes ``/.well-known/jwks.json`` and ``/v1/keys/rotations``."""
    blueprint = Blueprint("keys", __name__, description="What access tokens are signed with")

    @blueprint.get("/.well-known/jwks.json")
    @public
    @blueprint.response(200, JwksSchema)
    def read_jwks_view() -> dict[str, tuple[SigningKey, ...]]:
        """The public keys that verify access tokens."""
        return {"keys": rings.get().published(clock(), life=life)}

    @blueprint.post("/v1/keys/rotations")
    @needs(Permission.IDENTITY_KEY_ROTATE)
    @blueprint.response(201, JwksSchema)
    def rotate_keys_view() -> dict[str, tuple[SigningKey, ...]]:
        """Sign with a fresh key from now on; tokens given before stay valid."""
        now = clock()
        ring = rotate_keys(rings=rings, maker=maker, life=life, now=now)
        return {"keys": ring.published(now, life=life)}

    return blueprint
