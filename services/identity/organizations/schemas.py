"""The JSON of organisations and members."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.permissions import Kind, Role
from chassis.web.schemas import IdField, Moment, Reply, Request, Text, page_of

LONGEST_NAME = 120
LONGEST_CITY = 60


class FoundOrganizationSchema(Request):
    """Body of ``POST /v1/organizations``."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    name = Text(LONGEST_NAME, required=True)
    city = Text(LONGEST_CITY, shortest=0, load_default="")


class AddMemberSchema(Request):
    """Body of ``POST /v1/organizations/{id}/members``."""

    email = fields.Email(required=True, validate=validate.Length(max=254))
    role = fields.Enum(Role, by_value=True, required=True)


class OrganizationSchema(Reply):
    """An organisation, as everybody who is logged in may see it."""

    id = IdField("org", required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    registered_at = Moment(required=True)


class MembershipSchema(Reply):
    """One of the caller's organisations, and what the caller is there."""

    id = IdField("org", required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    role = fields.String(required=True)


class MemberSchema(Reply):
    """A member, as the other members see them."""

    user_id = IdField("usr", required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    joined_at = Moment(required=True)


MembershipPage = page_of(MembershipSchema, "MembershipPage")
MemberPage = page_of(MemberSchema, "MemberPage")
