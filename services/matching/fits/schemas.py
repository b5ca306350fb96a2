"""The JSON of fits: what a host's people lead to, which hosts fit a brand, and who would pass."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from cartridges.conditions import LONGEST
from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PageQuery,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.matching.communities.domain import tidy
from services.matching.fits.domain import DryRun, Fit, FitTerm, IdleRoom, RuleOutcome, Thresholds
from services.matching.fits.use_cases import FittingBrand, FittingHost, Journey
from services.matching.pictures.domain import Sentence
from services.matching.pictures.schemas import RecordLineSchema, record_line
from services.matching.supply.domain import CartridgeVersion
from sharing.eligibility import MOST_CLAUSES, Clause

LARGEST = 1_000_000
MOST_CITIES = 50
LONGEST_CITY = 60
LONGEST_WORDS = 200
WHOLE = 10_000
TAGS_TOLD = LOTS_TOLD = 10


class FitTermSchema(Reply):
    """One term of a side, in millionths."""

    name = fields.String(required=True)
    points = fields.Integer(required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class FitSchema(Reply):
    """How a host and a brand suit each other, in millionths.

    The terms of each side add up to its likelihood, and ``score`` is the product of both,
    rounded down.
    """

    score = fields.Integer(required=True)
    host_wants = fields.Integer(required=True)
    brand_accepts = fields.Integer(required=True)
    wants = fields.List(fields.Nested(FitTermSchema), required=True)
    accepts = fields.List(fields.Nested(FitTermSchema), required=True)
    shared_tags = fields.List(fields.String(), required=True)


class FittingLotSchema(Reply):
    """A lot that she may have."""

    lot_id = IdField("lot", required=True)
    title = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    city = fields.String(required=True)
    pack_price = fields.Nested(MoneySchema, required=True)


class FittingKitSchema(Reply):
    """A kit with goods of the brand."""

    kit_id = IdField("kit", required=True)
    title = fields.String(required=True)
    capacity = fields.Integer(required=True)
    cartridge_digest = fields.String(required=True)
    price = fields.Nested(MoneySchema, required=True)


class FittingBrandSchema(FitSchema):
    """A brand that fits her people: why, the best of its lots for her, and its kits."""

    brand_id = IdField("org", required=True)
    lots_open = fields.Integer(required=True)
    lots = fields.List(fields.Nested(FittingLotSchema), required=True)
    kits = fields.List(fields.Nested(FittingKitSchema), required=True)


class IdleSlotSchema(Reply):
    """A time at which a room can be had."""

    slot_id = IdField("slt", required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class IdleRoomSchema(Reply):
    """A venue in one of her cities with idle slots, the earliest first."""

    venue_id = IdField("ven", required=True)
    venue_org_id = IdField("org", required=True)
    city = fields.String(required=True)
    capacity = fields.Integer(required=True)
    slots = fields.List(fields.Nested(IdleSlotSchema), required=True)


class FittingThemeSchema(Reply):
    """A cartridge about something that her people care about."""

    cartridge_id = IdField("crt", required=True)
    digest = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    min_people = fields.Integer(required=True)
    max_people = fields.Integer(required=True)
    shared_tags = fields.List(fields.String(), required=True)


class JourneySchema(Reply):
    """What her people lead to: brands, best first, and venues; then lots, kits, cartridges."""

    host_id = IdField("org", required=True)
    brands = fields.List(fields.Nested(FittingBrandSchema), required=True)
    venues = fields.List(fields.Nested(IdleRoomSchema), required=True)
    cartridges = fields.List(fields.Nested(FittingThemeSchema), required=True)


class FittingHostSchema(FitSchema):
    """A host whose communities fit the brand's lots, and her record as she sees it herself."""

    host_id = IdField("org", required=True)
    largest_community = fields.Integer(required=True)
    cities = fields.List(fields.String(), required=True)
    newcomer = fields.Boolean(required=True)
    record = fields.List(fields.Nested(RecordLineSchema), required=True)
    lot_ids = fields.List(IdField("lot"), required=True)


FittingHostPage = page_of(FittingHostSchema, "FittingHostPage")


class FittingHostsQuery(PageQuery):
    """Which page of the hosts that fit."""


class ThresholdClauseSchema(Request):
    """One condition in CEL over the facts of a claim, and what it asks for in both languages."""

    name = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9-]{0,39}$"))
    when = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))
    en = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_WORDS))
    zh = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_WORDS))

    @post_load
    def to_clause(self, values: dict[str, Any], **_: object) -> Clause:
        """Make it a value."""
        return Clause(**values)


class ThresholdsSchema(Request):
    """Body of ``POST /v1/brands/{brand_id}/dry-runs``; loads to ``Thresholds``.

    All of it is what a lot and an offer could ask; what is left out asks nothing.
    """

    min_community_size = StrictInteger(load_default=1, validate=validate.Range(min=1, max=LARGEST))
    cities = fields.List(
        Text(LONGEST_CITY), load_default=list, validate=validate.Length(max=MOST_CITIES)
    )
    eligibility = fields.List(
        fields.Nested(ThresholdClauseSchema),
        load_default=list,
        validate=validate.Length(max=MOST_CLAUSES),
    )
    packs = StrictInteger(load_default=0, validate=validate.Range(min=0, max=LARGEST))
    newcomers_basis_points = StrictInteger(
        load_default=0, validate=validate.Range(min=0, max=WHOLE)
    )

    @post_load
    def to_thresholds(self, values: dict[str, Any], **_: object) -> Thresholds:
        """Make it a value, with tidy cities."""
        return Thresholds(
            min_community_size=values["min_community_size"],
            cities=frozenset(map(tidy, values["cities"])),
            clauses=tuple(values["eligibility"]),
            packs=values["packs"],
            newcomers_basis_points=values["newcomers_basis_points"],
        )


class NearMissSchema(Reply):
    """A host who fails by this rule alone; ``short`` people or gatherings more would do.

    It is null where no number would do. For a clause it is searched for the first 100 such
    hosts, by their ids, and null for all others, who are told last.
    """

    host_id = IdField("org", required=True)
    short = fields.Integer(required=True, allow_none=True)


class DryRunOutcomeSchema(Reply):
    """One rule: how many hosts fail by it, how many by it alone, and who comes nearest."""

    name = fields.String(required=True)
    asks_en = fields.String(required=True)
    asks_zh = fields.String(required=True)
    failing = fields.Integer(required=True)
    failing_alone = fields.Integer(required=True)
    nearest = fields.List(fields.Nested(NearMissSchema), required=True)


class DryRunSchema(Reply):
    """Who would pass: each host by the community of hers that fails the fewest rules.

    ``host_ids`` are at most 20 of those that pass, the largest communities first;
    ``packs_kept`` would be kept for the newcomers among them.
    """

    hosts = fields.Integer(required=True)
    passing = fields.Integer(required=True)
    newcomers_passing = fields.Integer(required=True)
    packs_kept = fields.Integer(required=True)
    host_ids = fields.List(IdField("org"), required=True)
    rules = fields.List(fields.Nested(DryRunOutcomeSchema), required=True)


def journey_reply(journey: Journey) -> dict[str, Any]:
    """What ``JourneySchema`` dumps."""
    interests = journey.picture.interests
    return {
        "host_id": journey.picture.host_id,
        "brands": [_brand(each) for each in journey.brands],
        "venues": [_room(each) for each in journey.rooms],
        "cartridges": [_theme(each, interests) for each in journey.themes],
    }


def host_reply(found: FittingHost) -> dict[str, Any]:
    """What ``FittingHostSchema`` dumps."""
    picture = found.picture
    return {
        **_fit(found.fit),
        "host_id": picture.host_id,
        "largest_community": picture.largest,
        "cities": sorted(picture.reach),
        "newcomer": not picture.conduct.has_record,
        "record": [record_line(line) for line in picture.record.lines()],
        "lot_ids": found.lot_ids[:LOTS_TOLD],
    }


def dry_run_reply(run: DryRun) -> dict[str, Any]:
    """What ``DryRunSchema`` dumps."""
    return {
        "hosts": run.hosts,
        "passing": run.passing,
        "newcomers_passing": run.newcomers,
        "packs_kept": run.packs_kept,
        "host_ids": run.shown,
        "rules": [_outcome(each) for each in run.rules],
    }


def _fit(found: Fit) -> dict[str, Any]:
    return {
        "score": found.score,
        "host_wants": found.host_wants,
        "brand_accepts": found.brand_accepts,
        "wants": [_term(each) for each in found.wants],
        "accepts": [_term(each) for each in found.accepts],
        "shared_tags": found.shared_tags[:TAGS_TOLD],
    }


def _term(term: FitTerm) -> dict[str, Any]:
    return {"name": term.name, "points": term.points, **_both("why", term.why)}


def _both(name: str, said: Sentence) -> dict[str, str]:
    return {f"{name}_en": said.english, f"{name}_zh": said.chinese}


def _brand(found: FittingBrand) -> dict[str, Any]:
    return {
        **_fit(found.fit),
        "brand_id": found.fit.brand_id,
        "lots_open": len(found.fit.open_lots),
        "lots": [
            {
                "lot_id": lot.id,
                "title": lot.title,
                "tags": lot.tags,
                "city": lot.city,
                "pack_price": lot.pack_price,
            }
            for lot in found.lots
        ],
        "kits": [
            {
                "kit_id": kit.id,
                "title": kit.title,
                "capacity": kit.capacity,
                "cartridge_digest": kit.cartridge_digest,
                "price": kit.price,
            }
            for kit in found.kits
        ],
    }


def _room(room: IdleRoom) -> dict[str, Any]:
    return {
        "venue_id": room.venue_id,
        "venue_org_id": room.venue_org_id,
        "city": room.city,
        "capacity": room.capacity,
        "slots": [slot._asdict() for slot in room.slots],
    }


def _theme(version: CartridgeVersion, interests: dict[str, Any]) -> dict[str, Any]:
    tags = (version.manifest or {}).get("tags", ())
    return {
        "cartridge_id": version.cartridge_id,
        "digest": version.digest,
        "name": version.name,
        "version": version.version,
        "min_people": version.min_people,
        "max_people": version.max_people,
        "shared_tags": [tag for tag in tags if tag in interests],
    }


def _outcome(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        **_both("asks", outcome.asks),
        "failing": outcome.failing,
        "failing_alone": outcome.failing_alone,
        "nearest": [miss._asdict() for miss in outcome.nearest],
    }
