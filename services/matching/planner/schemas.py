"""The JSON of plans that were searched for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.web.schemas import (
    CURRENCIES,
    GREATEST_MINOR,
    IdField,
    Moment,
    Reply,
    Request,
)
from services.matching.claims.domain import Claim
from services.matching.gatherings.schemas import MOST_CO_HOSTS, MOST_PEOPLE
from services.matching.planner.domain import Combination, Findings

MOST_SHOWN = 50
MOST_PACKS = 10_000
MOST_DAYS = 31


class PlansQuery(Request):
    """Whom a gathering is for, when, and what is settled already; both days count.

    A ``contribution`` is that of the ``co_host_ids``.
    """

    community_id = IdField("com", required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(load_default=None)
    people = fields.Integer(required=True, validate=validate.Range(min=1, max=MOST_PEOPLE))
    packs = fields.Integer(load_default=1, validate=validate.Range(min=1, max=MOST_PACKS))
    currency = fields.String(load_default=CURRENCIES[0], validate=validate.OneOf(CURRENCIES))
    cartridge_digest = fields.String(load_default=None, validate=validate.Length(min=1, max=128))
    co_host_ids = fields.List(
        IdField("org"), load_default=list, validate=validate.Length(max=MOST_CO_HOSTS)
    )
    contribution = fields.Integer(
        load_default=0, validate=validate.Range(min=0, max=GREATEST_MINOR)
    )
    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=MOST_SHOWN))

    @validates_schema
    def must_be_few_days(self, values: dict[str, Any], **_: object) -> None:
        """Refuse an end before the beginning, and more days than one search looks at."""
        first, last = values["first_day"], values.get("last_day") or values["first_day"]
        if not first <= last < first + timedelta(days=MOST_DAYS):
            raise ValidationError(f"Ask for 1 to {MOST_DAYS} days.", "last_day")


class WordsSchema(Reply):
    """The same in English and Chinese."""

    en = fields.String(required=True, attribute="english")
    zh = fields.String(required=True, attribute="chinese")


class CostLineSchema(Reply):
    """One part of the cost, in minor units: owed above zero, coming in below."""

    part = fields.String(required=True)
    minor = fields.Integer(required=True)
    when = fields.String(required=True)
    why = fields.Nested(WordsSchema, required=True)


class ThemeFoundSchema(Reply):
    """A cartridge that fits the room."""

    cartridge_id = fields.String(required=True)
    digest = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)


class CombinationSchema(Reply):
    """Goods, a room and themes that go together, and the cash it costs.

    ``claim`` is the body to claim with, at ``/v1/claims/kits`` where there is a ``kit_id`` and
    at ``/v1/claims`` otherwise; ``plan`` is that to plan with, at ``/v1/gatherings``, once the
    claim is confirmed: add a ``title``, and the ``claim_id`` of the new claim. Of a claim that
    the host has already ``claim`` is null, ``plan`` names it, and only the ``title`` is to be
    added. Any other of the themes may stand in it. All amounts are minor units.
    ``owed_at_booking`` is the worst case too. Of a kit ``lot_title`` is the kit's, and
    ``brand_id`` the first of ``brand_ids``.
    """

    cost = fields.Integer(required=True)
    left_over = fields.Integer(required=True)
    owed_at_booking = fields.Integer(required=True)
    paid_at_settlement = fields.Integer(required=True)
    worst_case = fields.Nested(WordsSchema, required=True)
    lines = fields.List(fields.Nested(CostLineSchema), required=True)
    lot_title = fields.String(required=True)
    brand_id = fields.String(required=True)
    brand_ids = fields.List(fields.String(), required=True)
    kit_id = fields.String(required=True, allow_none=True)
    min_checked_in = fields.Integer(required=True)
    city = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    time_zone = fields.String(required=True)
    themes = fields.List(fields.Nested(ThemeFoundSchema), required=True)
    claim = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True, allow_none=True)
    plan = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class BlockerSchema(Reply):
    """A rule that stood in the way, of so many lots, slots, themes or pairs looked at.

    ``members`` are what ``why`` speaks of, as the refusal of a claim or plan would name them.
    """

    about = fields.String(required=True)
    code = fields.String(required=True)
    times = fields.Integer(required=True)
    why = fields.Nested(WordsSchema, required=True)
    members = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class MissingSchema(Reply):
    """What would make a gathering cost nothing."""

    code = fields.String(required=True)
    minor = fields.Integer(required=True, allow_none=True)
    why = fields.Nested(WordsSchema, required=True)


class PlansFoundSchema(Reply):
    """The cheapest first. ``is_complete``: nothing was left out that could have been cheaper.

    ``has_more``: more combinations follow than were asked for.
    """

    currency = fields.String(required=True)
    items = fields.List(fields.Nested(CombinationSchema), required=True)
    has_more = fields.Boolean(required=True)
    is_complete = fields.Boolean(required=True)
    limits = fields.List(fields.Nested(WordsSchema), required=True)
    missing = fields.List(fields.Nested(MissingSchema), required=True)
    blockers = fields.List(fields.Nested(BlockerSchema), required=True)


def plans_reply(found: Findings, query: dict[str, Any]) -> dict[str, Any]:
    """What a client is given of a search with that query."""
    return {
        "currency": found.currency,
        "items": [_item(each, query) for each in found.combinations],
        "has_more": found.has_more,
        "is_complete": found.is_complete,
        "limits": found.limits,
        "missing": found.missing,
        "blockers": found.blockers,
    }


def _item(found: Combination, query: dict[str, Any]) -> dict[str, Any]:
    cash, lent, claim = found.cash, found.lent, found.claim
    return {
        "cost": cash.cost,
        "left_over": cash.left_over,
        "owed_at_booking": cash.owed,
        "paid_at_settlement": cash.subsidy,
        "worst_case": found.worst,
        "lines": found.lines,
        "lot_title": found.title,
        "brand_id": claim.brand_id,
        "brand_ids": claim.brand_ids,
        "kit_id": claim.kit_id,
        "min_checked_in": claim.min_checked_in,
        "city": lent.city,
        "starts_at": lent.starts_at,
        "ends_at": lent.ends_at,
        "time_zone": lent.time_zone,
        "themes": [theme.version for theme in found.themes],
        "claim": None if found.is_claimed else _claim_body(claim),
        "plan": {
            **({"claim_id": claim.id} if found.is_claimed else {}),
            "cartridge_digest": found.themes[0].version.digest,
            "venue_id": lent.venue_id,
            "slot_id": lent.id,
            "people": query["people"],
            "co_host_ids": query["co_host_ids"],
        },
    }


def _claim_body(claim: Claim) -> dict[str, Any]:
    if claim.kit:
        return {
            "kit_id": claim.kit.id,
            "terms_digest": claim.kit.terms_digest,
            "community_id": claim.community_id,
            "offer_ids": [each.offer_id for each in claim.subsidies],
        }
    return {
        "lot_id": claim.lot_id,
        "offer_id": claim.offer_id,
        "community_id": claim.community_id,
        "packs": claim.packs,
    }
