"""The JSON of clearings and of what they assign."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.matching.clearings.domain import (
    Assignment,
    Clearing,
    Evidence,
    Fate,
    Figures,
    Order,
    Valuation,
    summary_of,
)
from services.matching.clearings.engine.clear import Rule
from services.matching.clearings.use_cases import FIRST_BONUS, HORIZON_DAYS
from services.matching.holds.domain import words_of

MOST_BONUS = 1_000_000
LONGEST_HORIZON_DAYS = 366
LONGEST_PERIOD = 32
A_PERIOD = validate.Regexp(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", error="Lower-case letters, digits and single hyphens."
)
A_BONUS = validate.Range(min=0, max=MOST_BONUS)


class RequestClearingSchema(Request):
    """Body of ``POST /v1/clearings``. Bonuses are in milli-points.

    ``period`` names what is cleared, by default the present week (``2026-w09``). By the
    ``valuation`` a pair is worth what its host makes of it, or that times what the brand makes
    of her; bonuses left out are a third of what a good pair is worth by it. With a ``reserve``
    lists leave out, as far as the evidence allows it, what others want much more.
    """

    dry_run = fields.Boolean(required=True)
    rule = fields.String(
        load_default=Rule.VALUE.value, validate=validate.OneOf([rule.value for rule in Rule])
    )
    valuation = fields.Enum(Valuation, by_value=True, load_default=Valuation.RECIPROCAL)
    first_host_bonus = StrictInteger(load_default=None, validate=A_BONUS)
    first_brand_bonus = StrictInteger(load_default=None, validate=A_BONUS)
    horizon_days = StrictInteger(
        load_default=HORIZON_DAYS, validate=validate.Range(min=1, max=LONGEST_HORIZON_DAYS)
    )
    reserve = fields.Boolean(load_default=False)
    period = fields.String(
        load_default=None, validate=[validate.Length(max=LONGEST_PERIOD), A_PERIOD]
    )


class RequestClearingForSchema(RequestClearingSchema):
    """The same of an operator's command: with its own id, and who asks."""

    id = IdField("clr", required=True)
    by = Text(200, required=True)


class ClearingCertificateSchema(Reply):
    """What proves how good the clearing is: no choice has an objective above the bound."""

    value = fields.Integer(required=True)
    objective = fields.Integer(required=True)
    bound = fields.Float(required=True)
    gap = fields.Float(required=True)
    solver = fields.String(required=True)
    seconds = fields.Float(required=True)
    market_digest = fields.String(required=True)


class ClearingOutcomeSchema(Reply):
    """What a way of choosing gives, and who is left with nothing."""

    value = fields.Integer(required=True)
    assignments = fields.Integer(required=True)
    hosts_with_nothing = fields.Integer(required=True)
    brands_with_nothing = fields.Integer(required=True)
    gini = fields.Float(required=True)
    blocking_pairs = fields.Integer(required=True)


class ClearingFiguresSchema(Reply):
    """The market, the clearing, and first-come-first-served beside it.

    ``hosts_full`` are not in the market: they can take on no more claims. What would be lost is
    below zero where first-come-first-served would be worth more.
    """

    hosts = fields.Integer(required=True)
    lots = fields.Integer(required=True)
    brands = fields.Integer(required=True)
    candidates = fields.Integer(required=True)
    hosts_full = fields.Integer(required=True)
    cleared = fields.Nested(ClearingOutcomeSchema, required=True)
    first_come = fields.Nested(ClearingOutcomeSchema, required=True)
    first_come_loses_basis_points = fields.Integer(required=True)


class TakeUpGroupSchema(Reply):
    """A fifth of the holds by value, in milli-points; both shares are of the holds."""

    value = fields.Float(required=True)
    expected = fields.Float(required=True)
    claimed = fields.Float(required=True)
    holds = fields.Integer(required=True)


class TakeUpSchema(Reply):
    """What became of holds that ended, and how far their values foretold it.

    ``error`` is how far claims foretold and made differ, as a share of all claims; in 95 of 100
    such samples of hosts it is not above ``bound``; ``blind`` is what it would be if every fifth
    were claimed alike. All are null where nothing was claimed.
    """

    holds = fields.Integer(required=True)
    hosts = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    error = fields.Float(required=True, allow_none=True)
    bound = fields.Float(required=True, allow_none=True)
    blind = fields.Float(required=True, allow_none=True)
    groups = fields.List(fields.Nested(TakeUpGroupSchema), required=True)


class ClearingEvidenceSchema(Reply):
    """How right the clearings of the last 90 days by this model and valuation were.

    ``prices_off`` is how far the demand of ``prices`` lots, as lists have counted it for five
    days or more, is from what was found now. ``reserve`` is by how many basis points of its
    value a lot may be too dear and still be listed, null where one of the ``doubts`` speaks
    against leaving any out.
    """

    model = fields.String(required=True)
    take_up = fields.Nested(TakeUpSchema, required=True)
    prices = fields.Integer(required=True)
    prices_off = fields.Float(required=True, allow_none=True)
    doubts = fields.List(fields.String(), required=True)
    reserve = fields.Integer(required=True, allow_none=True)


class ClearingSchema(Reply):
    """A clearing: what was asked, how far it has come, and what it came to.

    ``evidence`` is told to the platform alone.

    Values and bonuses are in milli-points; a perfect match has a thousand. The summary says
    what it came to, and why there is nothing yet.
    """

    id = IdField("clr", required=True)
    dry_run = fields.Boolean(required=True)
    rule = fields.String(required=True)
    valuation = fields.String(required=True)
    first_host_bonus = fields.Integer(required=True)
    first_brand_bonus = fields.Integer(required=True)
    horizon_days = fields.Integer(required=True)
    reserve = fields.Boolean(required=True)
    period = fields.String(required=True)
    asked_at = Moment(required=True)
    stage = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    certificate = fields.Nested(ClearingCertificateSchema, required=True, allow_none=True)
    figures = fields.Nested(ClearingFiguresSchema, required=True, allow_none=True)
    evidence = fields.Nested(ClearingEvidenceSchema, required=True, allow_none=True)
    held = fields.Integer(required=True)
    ended_at = Moment(required=True, allow_none=True)
    failure = fields.String(required=True, allow_none=True)
    summary_en = fields.String(required=True)
    summary_zh = fields.String(required=True)


class WatchedClearingSchema(ClearingSchema):
    """A clearing for the operator's command, and which one has its period, itself or another."""

    period_taken_by = IdField("clr", required=True, allow_none=True)


class AssignmentSchema(Reply):
    """A pack of a lot for a host, and why: in numbers, in English and in Chinese.

    Value and price are in milli-points, ``host_wants`` and ``brand_accepts`` in thousandths.
    ``held_until`` is when the hold ends by itself, null where none is known.
    """

    id = IdField("asg", required=True)
    host_id = IdField("org", required=True)
    lot_id = IdField("lot", required=True)
    title = fields.String(required=True)
    brand_id = IdField("org", required=True)
    offer_id = IdField("off", required=True)
    subsidy = fields.Nested(MoneySchema, required=True)
    value = fields.Integer(required=True)
    price = fields.Float(required=True)
    others = fields.Integer(required=True)
    bound_by = fields.String(required=True)
    host_wants = fields.Integer(required=True, allow_none=True)
    brand_accepts = fields.Integer(required=True, allow_none=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)
    fate = fields.String(required=True)
    refusal = fields.String(required=True)
    hold_id = IdField("shd", required=True, allow_none=True)
    held_until = Moment(required=True, allow_none=True)


ClearingPage = page_of(ClearingSchema, "ClearingPage")
AssignmentPage = page_of(AssignmentSchema, "AssignmentPage")


def order_of(body: dict[str, Any], period: str) -> Order:
    """What a body asks for; ``period`` is meant when it names none."""
    bonus = FIRST_BONUS[body["valuation"]]
    host, brand = body["first_host_bonus"], body["first_brand_bonus"]
    return Order(
        dry_run=body["dry_run"],
        rule=Rule(body["rule"]),
        valuation=body["valuation"],
        first_host_bonus=bonus if host is None else host,
        first_brand_bonus=bonus if brand is None else brand,
        horizon_days=body["horizon_days"],
        reserve=body["reserve"],
        period=body["period"] or period,
    )


def clearing_reply(clearing: Clearing, *, tells_all: bool) -> dict[str, Any]:
    """What ``ClearingSchema`` dumps; what hosts did with holds is not told to everybody."""
    result, summary = clearing.result, summary_of(clearing)
    evidence = result.evidence if result and tells_all else None
    return {
        "id": clearing.id,
        **asdict(clearing.order),
        "rule": clearing.order.rule.value,
        "valuation": clearing.order.valuation.value,
        "asked_at": clearing.asked_at,
        "stage": clearing.stage.value,
        "done": clearing.done,
        "total": clearing.total,
        "certificate": result and asdict(result.certificate),
        "figures": result and _figures(result.figures),
        "evidence": evidence and _evidence(evidence),
        "held": clearing.held,
        "ended_at": clearing.ended_at,
        "failure": clearing.failure,
        "summary_en": summary.english,
        "summary_zh": summary.chinese,
    }


def assignment_reply(assignment: Assignment) -> dict[str, Any]:
    """What ``AssignmentSchema`` dumps."""
    words = words_of(assignment.why)
    return {
        "id": assignment.id,
        "host_id": assignment.host_id,
        "lot_id": assignment.lot_id,
        "title": assignment.title,
        "brand_id": assignment.brand_id,
        "offer_id": assignment.offer_id,
        "subsidy": assignment.subsidy,
        **asdict(assignment.why),
        "why_en": words.english,
        "why_zh": words.chinese,
        "fate": assignment.fate.value,
        "refusal": assignment.refusal,
        "hold_id": assignment.hold_id if assignment.fate is Fate.HELD else None,
        "held_until": assignment.held_until,
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return asdict(figures) | {"first_come_loses_basis_points": figures.lost_basis_points}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    doubts = [doubt.value for doubt in evidence.doubts]
    return asdict(evidence) | {"doubts": doubts, "reserve": evidence.reserve}
