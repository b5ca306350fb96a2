"""The keys a service signs with, over HTTP: the published set, and rotation."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chassis.permissions import Permission
from chassis.signer import Signer
from chassis.web.blueprints import Blueprint, needs, public
from chassis.web.schemas import Reply


class JwksSchema(Reply):
    """Public keys (RFC 7517)."""

    keys = fields.List(fields.Dict(), required=True)


def signer_blueprint(signer: Signer, may_rotate: Permission) -> Blueprint:
    """Routes ``/.well-known/jwks.json`` and ``/v1/keys/rotations`` of a service that signs."""
    blueprint = Blueprint("keys", __name__, description="What codes are signed with")

    @blueprint.get("/.well-known/jwks.json")
    @public
    @blueprint.response(200, JwksSchema)
    def read_jwks_view() -> dict[str, Any]:
        """The public keys that verify codes, also without a network."""
        return signer.published()

    @blueprint.post("/v1/keys/rotations")
    @needs(may_rotate)
    @blueprint.response(201, JwksSchema)
    def rotate_keys_view() -> dict[str, Any]:
        """Sign with a fresh key from now on; codes given out before stay valid."""
        signer.rotate()
        return signer.published()

    return blueprint
