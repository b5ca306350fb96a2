"""The JSON of the published door keys."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Reply


class JwksSchema(Reply):
    """Public keys (RFC 7517)."""

    keys = fields.List(fields.Dict(), required=True)
