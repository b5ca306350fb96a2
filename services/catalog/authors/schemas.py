"""The JSON of authors' keys."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, Reply, Request

_KEY = validate.Regexp(r"^RW[A-Za-z0-9+/]{54}\Z", error="Not a public key of minisign: RW...")


class RegisterKeySchema(Request):
    """Body of ``POST /v1/author-keys``; ``proof`` is the text of a minisign signature."""

    key = fields.String(required=True, validate=_KEY)
    proof = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class RegisteredKeySchema(Reply):
    """A key and whom it earns for."""

    id = IdField("aky", required=True)
    key = fields.String(required=True)
    key_id = fields.String(required=True)
    organization_id = IdField("org", required=True)
    registered_at = Moment(required=True)
