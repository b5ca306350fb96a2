"""The JSON of payout destinations; an account is shown by its last four letters only."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import Moment, PageQuery, Reply, Request, Text, page_of
from services.payments.destinations.domain import DestinationState, Schedule


class NameDestinationSchema(Request):
    """Body of ``POST /v1/payout-destinations``."""

    holder = Text(140, required=True)
    account = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[A-Za-z0-9_]{8,40}\Z", error="8 to 40 letters, digits and _, without spaces."
        ),
    )
    schedule = fields.Enum(Schedule, by_value=True, load_default=Schedule.DAILY)


class DestinationReply(Reply):
    """Where money goes, and when."""

    id = fields.String()
    organization_id = fields.String()
    provider = fields.String()
    account = fields.String(attribute="masked")
    schedule = fields.Enum(Schedule, by_value=True)
    named_at = Moment()
    state = fields.Enum(DestinationState, by_value=True)
    code = fields.String()


DestinationsPage = page_of(DestinationReply, "DestinationsPage")


class DestinationsQuery(PageQuery):
    """Which part of the list."""
