"""The JSON of keys (RFC 7517, RFC 8037)."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Reply


class JwkSchema(Reply):
    """One public key."""

    kty = fields.Constant("OKP", required=True)
    crv = fields.Constant("Ed25519", required=True)
    alg = fields.Constant("Ed25519", required=True)
    use = fields.Constant("sig", required=True)
    kid = fields.String(required=True, attribute="id")
    x = fields.String(required=True, attribute="public")


class JwksSchema(Reply):
    """The keys that tokens may be signed with, the active one first."""

    keys = fields.List(fields.Nested(JwkSchema), required=True)
