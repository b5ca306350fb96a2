"""The JSON of sessions and tokens."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.settings import SERVICES
from chassis.web.schemas import IdField, Reply, Request

LONGEST_SECRET = 256


class LogInSchema(Request):
    """Body of ``POST /v1/sessions``."""

    email = fields.String(required=True, validate=validate.Length(min=1, max=254))
    password = fields.String(
        required=True, load_only=True, validate=validate.Length(min=1, max=128)
    )
    organization_id = IdField("org", load_default=None)


class RefreshSchema(Request):
    """Body of ``POST /v1/sessions/refresh``."""

    refresh_token = fields.String(
        required=True, load_only=True, validate=validate.Length(min=1, max=LONGEST_SECRET)
    )
    organization_id = IdField("org", load_default=None)


class ExchangeSchema(Request):
    """Body of ``POST /v1/sessions/exchange``."""

    organization_id = IdField("org", required=True)


class ServiceTokenSchema(Request):
    """Body of ``POST /v1/service-tokens``."""

    service = fields.String(required=True, validate=validate.OneOf(SERVICES))
    secret = fields.String(
        required=True, load_only=True, validate=validate.Length(min=1, max=LONGEST_SECRET)
    )
    audience = fields.String(required=True, validate=validate.OneOf(SERVICES))


class AccessSchema(Reply):
    """An access token."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})


class ActingSchema(AccessSchema):
    """An access token of a user, and the organisation it acts for, if any."""

    organization_id = fields.String(required=True)


class GrantSchema(ActingSchema):
    """An access token, and the refresh token for the next one."""

    refresh_token = fields.String(required=True)
