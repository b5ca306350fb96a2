"""The JSON of users."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, Text
from services.identity.users.domain import LONGEST_PASSWORD, SHORTEST_PASSWORD
from services.identity.users.use_cases import Register

LONGEST_EMAIL = 254
LONGEST_NAME = 100


class RegisterSchema(Request):
    """Body of ``POST /v1/users``."""

    email = fields.Email(required=True, validate=validate.Length(max=LONGEST_EMAIL))
    name = Text(LONGEST_NAME, required=True)
    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=SHORTEST_PASSWORD, max=LONGEST_PASSWORD),
    )

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> Register:
        """Make it a command."""
        return Register(**values)


class RegisteredSchema(Reply):
    """What everybody is told after registering, whether the address was new or not."""

    email = fields.String(
        required=True, metadata={"description": "As it is to be logged in with."}
    )
    next = fields.String(required=True, metadata={"description": "What to do now."})


class UserSchema(Reply):
    """A user, as that user sees it."""

    id = IdField("usr", required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    registered_at = Moment(required=True)
