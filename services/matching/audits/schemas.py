"""The JSON of audits."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from chassis.mongo import Row
from chassis.web.schemas import IdField, Moment, PageQuery, Reply, Request, StrictInteger, page_of
from services.matching.audits.domain import FEWEST_SHOWN
from services.matching.exposures.domain import KEPT


class MakeAuditSchema(Request):
    """Body of ``POST /v1/audits``: on how many days up to now it looks back."""

    days = StrictInteger(load_default=7, validate=validate.Range(min=1, max=KEPT.days))


class MakeNamedAuditSchema(MakeAuditSchema):
    """The same with the audit's own id, so that a repeat finds the one that was made."""

    id = IdField("aud", required=True)


class AuditFiguresSchema(Reply):
    """Sums over a group of brands or hosts; exposure in millionths of a first place."""

    parties = fields.Integer(required=True)
    shown = fields.Integer(required=True)
    with_nothing = fields.Integer(required=True)
    places = fields.Integer(required=True)
    exposure = fields.Integer(required=True)
    claims = fields.Integer(required=True)
    packs = fields.Integer(required=True)
    settled = fields.Integer(required=True)
    subsidy = fields.Integer(required=True)


class AuditSideSchema(Reply):
    """One side of the market. Where a group is of too few to be told of, groups are null.

    ``gini`` and ``lorenz`` are of exposure, claims and subsidy; a curve is told at each
    twentieth of the parties, in basis points.
    """

    total = fields.Nested(AuditFiguresSchema, required=True, allow_none=True)
    groups = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(AuditFiguresSchema, allow_none=True),
        required=True,
    )
    gini = fields.Dict(keys=fields.String(), values=fields.Float(), required=True, allow_none=True)
    lorenz = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Integer()),
        required=True,
        allow_none=True,
    )


class NewcomersSchema(Reply):
    """Hosts without a record before the window; shares in basis points."""

    hosts = fields.Integer(required=True)
    share_of_hosts = fields.Integer(required=True)
    share_of_places = fields.Integer(required=True)
    share_of_claims = fields.Integer(required=True)
    share_of_packs = fields.Integer(required=True)
    packs_kept = fields.Integer(required=True)
    packs_listed = fields.Integer(required=True)
    share_kept = fields.Integer(required=True)


class BlockingPairsSchema(Reply):
    """The blocking pairs of the last clearing."""

    clearing_id = fields.String(required=True)
    pairs = fields.Integer(required=True)


class AuditSchema(Reply):
    """An audit. ``reachable`` brands had a lot in the window; no clearing, no ``blocking``.

    Subsidies are in minor units of ``currency``, that of most claims: null without any, and of
    audits that were made before it was told. ``other_subsidies``, by currency, are in no other
    figure; the platform's alone.
    """

    id = fields.String(required=True)
    since = Moment(required=True)
    until = Moment(required=True)
    made_at = Moment(required=True)
    made_by = fields.String(required=True)
    brands = fields.Nested(AuditSideSchema, required=True)
    hosts = fields.Nested(AuditSideSchema, required=True)
    newcomers = fields.Nested(NewcomersSchema, required=True, allow_none=True)
    reachable = fields.Integer(required=True)
    reachable_shown = fields.Integer(required=True)
    blocking = fields.Nested(BlockingPairsSchema, required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    other_subsidies = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, allow_none=True
    )


class AuditsQuery(PageQuery):
    """Which page of the audits."""


AuditPage = page_of(AuditSchema, "AuditPage")


def visible(audit: Row, *, sees_all: bool) -> Row:
    """An audit as a caller may see it: figures of too few parties are the platform's alone."""
    if sees_all:
        return audit
    hosts, newcomers = audit["hosts"]["total"]["parties"], audit["newcomers"]["hosts"]
    hidden: dict[str, None] = (
        {"newcomers": None} if _are_few(newcomers) or _are_few(hosts - newcomers) else {}
    )
    hidden["other_subsidies"] = None
    return audit | {side: _visible(audit[side]) for side in ("brands", "hosts")} | hidden


def _visible(side: dict[str, Any]) -> dict[str, Any]:
    if _are_few(side["total"]["parties"]):
        return {
            "total": None,
            "groups": dict.fromkeys(side["groups"]),
            "gini": None,
            "lorenz": None,
        }
    # What one hidden group had would follow from the others and the total.
    if any(_are_few(figures["parties"]) for figures in side["groups"].values()):
        return side | {"groups": dict.fromkeys(side["groups"])}
    return side


def _are_few(parties: int) -> bool:
    return 0 < parties < FEWEST_SHOWN
