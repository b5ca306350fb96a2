"""The JSON of slots and holds, and others' commands read as ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import fields, validate

from chassis.kernel.time import LATEST_YEAR
from chassis.web.schemas import (
    EventSchema,
    IdField,
    Moment,
    MoneySchema,
    Reply,
    Request,
    StrictInteger,
    page_of,
)
from services.catalog.slots.engine.ics import Entry
from services.catalog.venues.domain import SHARE_OF_TERMS
from services.catalog.venues.schemas import LARGEST, AskReply, AskSchema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class OpenSlotSchema(Request):
    """Body of ``POST /v1/venues/{id}/slots``; asks for the share of the terms if for nothing."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    asks = fields.Nested(AskSchema, load_default=SHARE_OF_TERMS)


class SlotSchema(Reply):
    """Some hours at a venue; not free while a gathering has them or a host holds them."""

    id = IdField("slt", required=True)
    venue_id = IdField("ven", required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    asks = fields.Nested(AskReply, required=True, attribute="ask")
    is_planned = fields.Boolean(required=True)
    is_free = fields.Boolean(required=True)


class HoldSlotSchema(Request):
    """Body of ``POST /v1/venues/{id}/holds``."""

    slot_id = IdField("slt", required=True)
    people = StrictInteger(required=True, validate=validate.Range(min=1, max=LARGEST))
    expires_at = Moment(required=True)


class StepSchema(Reply):
    """One step of a cancellation policy."""

    hours = fields.Integer(required=True)
    refund_basis_points = fields.Integer(required=True)


class PolicySchema(Reply):
    """A cancellation policy, as it was when the slot was taken."""

    name = fields.String(required=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)


class AgreementSchema(Reply):
    """What the venue asked and how it lets cancel."""

    asks = fields.Nested(AskReply, required=True, attribute="ask")
    policy = fields.Nested(PolicySchema, required=True)


class HoldSchema(Reply):
    """A host's hold on a slot."""

    id = IdField("hld", required=True)
    venue_id = IdField("ven", required=True)
    slot_id = IdField("slt", required=True)
    host_id = IdField("org", required=True)
    people = fields.Integer(required=True)
    state = fields.String(required=True)
    expires_at = Moment(required=True)
    agreement = fields.Nested(AgreementSchema, required=True)


class QuoteSchema(Reply):
    """What a cancellation would give back; no money where the venue asked for none."""

    agreement = fields.Nested(AgreementSchema, required=True)
    refund_basis_points = fields.Integer(required=True)
    refund = fields.Nested(MoneySchema, required=True, allow_none=True)


SlotPage = page_of(SlotSchema, "SlotPage")
HoldPage = page_of(HoldSchema, "HoldPage")


def place_of(row: dict[str, Any]) -> str:
    """Where a slot stands in its venue's list: no two start at once, so its start will do."""
    return str((row["starts_at"] - _EPOCH) // _MILLISECOND)


def moment_after(place: int) -> datetime:
    """The moment of such a place; the last that a slot may have for what lies beyond."""
    last = (datetime(LATEST_YEAR, 12, 31, tzinfo=UTC) - _EPOCH) // _MILLISECOND
    return _EPOCH + min(place, last) * _MILLISECOND


def entry_of(row: dict[str, Any], *, for_owner: bool) -> Entry:
    """A slot in a calendar; whoever is not the owner learns only whether it can be had."""
    state = "booked" if row["gathering_id"] else "held" if row["hold_id"] else "free"
    status = {"booked": "CONFIRMED", "held": "TENTATIVE", "free": "TENTATIVE"}[state]
    words = {"booked": "已预订 · Booked", "held": "预占中 · Held", "free": "空闲 · Free"}
    about = (row["gathering_id"], row["host_id"], row["hold_id"])
    return Entry(
        uid=f"{row['id']}@teahouse",
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        summary=words[state] if for_owner or state == "free" else "占用 · Busy",
        description=" ".join(filter(None, about)) if for_owner else "",
        status=status,
        is_busy=state != "free",
    )


class BookSlotSchema(EventSchema):
    """Matching's ``catalog.command.book-slot.v1``."""

    gathering_id = IdField("gth", required=True)
    venue_id = IdField("ven", required=True)
    slot_id = IdField("slt", required=True)
    host_id = IdField("org", required=True)
    people = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class ReleaseSlotSchema(EventSchema):
    """Matching's ``catalog.command.release-slot.v1``."""

    gathering_id = IdField("gth", required=True)
    venue_id = IdField("ven", required=True)
    slot_id = IdField("slt", required=True)
