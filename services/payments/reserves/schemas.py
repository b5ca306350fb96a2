"""The JSON of reserves."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger, Text
from services.payments.reserves.use_cases import SetReserve


class SetReserveSchema(Request):
    """Body of ``POST /v1/reserves``."""

    organization_id = IdField("org", required=True)
    basis_points = StrictInteger(required=True, validate=validate.Range(min=0, max=5_000))
    days = StrictInteger(required=True, validate=validate.Range(min=0, max=180))
    why_en = Text(300, required=True)
    why_zh = Text(300, required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> SetReserve:
        """Make it a command."""
        return SetReserve(**values)


class ReserveQuery(Request):
    """Of which currency."""

    currency = fields.String(load_default="CNY", validate=validate.Regexp(r"^[A-Z]{3}\Z"))


class ReservePolicyReply(Reply):
    """A policy of the releases from ``set_at`` on."""

    basis_points = fields.Integer()
    days = fields.Integer()
    why_en = fields.String()
    why_zh = fields.String()
    set_at = Moment()


class SliceReply(Reply):
    """What stays of one release, in minor units, until when."""

    release_id = fields.String()
    minor = fields.Integer()
    until = Moment()


class ReserveReply(Reply):
    """An organisation's policies, oldest first, and what is to stay now, release by release."""

    organization_id = fields.String()
    currency = fields.String()
    policies = fields.List(fields.Nested(ReservePolicyReply))
    slices = fields.List(fields.Nested(SliceReply))
    measure_minor = fields.Integer()
