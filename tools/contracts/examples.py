"""One valid example of every event, as it travels: made from its fields' names and types."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.context import Context
from chassis.envelope import Stamp, event_json, message_json
from chassis.kernel.decisions import Message
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from tools.contracts.catalogue import Published, form_of

MOMENT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ORIGIN = "org_01km0jpqg07000000000000000"

# Fields that hold ids, and the prefix of those.
PREFIXES = {
    "accused_id": "org",
    "appealed_by": "org",
    "author_id": "org",
    "brand_id": "org",
    "cartridge_id": "crt",
    "claim_id": "clm",
    "claimant_id": "org",
    "co_host_ids": "org",
    "community_id": "com",
    "contract_id": "ctr",
    "clearing_id": "clr",
    "copy_claim_id": "cpc",
    "correction_id": "cor",
    "held_for": "cpc",
    "destination_id": "dst",
    "dispute_id": "dsp",
    "correlation_id": "sag",
    "entry_id": "ent",
    "gathering_id": "gth",
    "hold_id": "hld",
    "host_id": "org",
    "id": "msg",
    "invitation_id": "inv",
    "invoice_id": "ivc",
    "issuer_id": "org",
    "recipient_id": "org",
    "kit_id": "kit",
    "lot_id": "lot",
    "milestone_id": "mst",
    "schedule_id": "msc",
    "naming_rights_id": "nam",
    "offer_id": "off",
    "offer_ids": "off",
    "operation_id": "opn",
    "organization_id": "org",
    "payout_id": "pay",
    "photo_ids": "pho",
    "refund_id": "rfd",
    "release_id": "rel",
    "reservation_id": "rsv",
    "sale_id": "sal",
    "settlement_id": "stl",
    "replacement_id": "shp",
    "return_id": "ret",
    "shipment_id": "shp",
    "slot_id": "slt",
    "ticket_id": "tkt",
    "user_id": "usr",
    "venue_id": "ven",
    "venue_org_id": "org",
}


def _id(name: str) -> str:
    return derived_id(PREFIXES[name], ORIGIN, name)


# What fields hold wherever they occur, so that an example is one consistent story.
VALUES: dict[str, Any] = {
    "about": _id("payout_id"),
    "account": f"gathering:{_id('gathering_id')}:takings",
    "approve_by": MOMENT + timedelta(days=10),
    "best_before": MOMENT + timedelta(days=90),
    "brand_ids": (_id("brand_id"),),
    "brand_shares": {_id("brand_id"): 6000},
    "by": "silence",
    "capacity": 24,
    "channel": "gathering",
    "channels": ("gathering", "community-shop"),
    "cartridge_digest": "sha256:" + "5a" * 32,
    "carrier": "SF",
    "category": "hair-ornaments",
    "checked_in": 16,
    "city": "北京",
    "closes_at": MOMENT + timedelta(days=30),
    "newcomers_until": MOMENT + timedelta(days=27),
    "code": "not-enough-packs",
    "condition": "new",
    "day": "2026-03-01",
    "day_id": "main:2026-03-01",
    "days_before": 14,
    "detail": "12 asked, 4 free",
    "digest": "sha256:" + "5a" * 32,
    "credit": Money(2_500, "CNY"),
    "currency": "CNY",
    "en": "A community of at least fifty people.",
    "zh": "社群至少五十人。",
    "when": "community_size >= 50",
    "entries": 3,
    "evidence_due": MOMENT + timedelta(days=7),
    "held": Money(31_250, "CNY"),
    "ends_at": MOMENT + timedelta(days=7, hours=2),
    "milestone": "evening",
    "equipment": ("projector", "kettle"),
    "expires_at": MOMENT + timedelta(minutes=15),
    "extra_basis_points": 2_000,
    "gatherings": 100,
    "accepts_at_once": True,
    "indoor": True,
    "is_accepted": True,
    "is_answered": True,
    "had_succeeded": False,
    "has_actual_photo": True,
    "kind": "brand",
    "lowest_resale_price": Money(900, "CNY"),
    "goods_value": Money(22_500, "CNY"),
    "line": 1,
    "market": "main",
    "max_packs_per_host": 20,
    "manifest": {"format": "teahouse-cartridge/1", "people": {"min": 6, "max": 24}},
    "max_people": 24,
    "min_checked_in": 10,
    "min_community_size": 50,
    "min_people": 6,
    "minor": 500_000,
    "name": "An evening of hairpins",
    "naming": "At the back room of the Old Mill",
    "most_per_host": Money(300_000, "CNY"),
    "most_per_period": Money(1_500_000, "CNY"),
    "most_subsidy": Money(60_000, "CNY"),
    "period_days": 30,
    "number": 1,
    "opens_at": MOMENT,
    "market_digest": "sha256:" + "6d" * 32,
    "original_digest": "sha256:" + "7c" * 32,
    "outcome": "upheld",
    "packed": 18,
    "packs": 4,
    "packs_free": 96,
    "packs_kept": 10,
    "packs_returned": 1,
    "packs_total": 100,
    "parties": {
        "brand": (_id("brand_id"),),
        "host": (_id("host_id"),),
        "co_host": (_id("co_host_ids"),),
        "venue": (_id("venue_org_id"),),
        "author": (_id("author_id"),),
        "platform": ("platform",),
    },
    "payees": {_id("claimant_id"): 10_000},
    "people": 16,
    "price": Money(10_000_000, "CNY"),
    "provider": "sandbox",
    "reason": "withdrawn",
    "pending_id": None,
    "reference": None,
    "refund_basis_points": 5_000,
    "region": "北京",
    "regions": ("北京", "上海"),
    "resale_allowed": True,
    "role": "owner",
    "root": "5a" * 32,
    "royalties": {_id("author_id"): 10_000},
    "segment": 7,
    "share": 6000,
    "segments": 8,
    "share_basis_points": 800,
    "shares": 3,
    "size": 480,
    "stars": 5,
    "starts_at": MOMENT + timedelta(days=7),
    "subsidies": {_id("offer_id"): Money(30_000, "CNY")},
    "subsidy": Money(30_000, "CNY"),
    "subsidy_paid": Money(30_000, "CNY"),
    "terms": {
        "brand": 6000,
        "host": 2000,
        "venue": 800,
        "co_host": 500,
        "platform": 500,
        "author": 200,
    },
    "time_zone": "Asia/Shanghai",
    "terms_digest": "sha256:" + "5a" * 32,
    "title": "Hairpins, assorted",
    "token": "eyJhbGciOiJFZDI1NTE5In0.e30.c2lnbmF0dXJl",
    "unfit": 1,
    "units": 16,
    "units_per_pack": 10,
    "version": "1.0.0",
    "waits_for": 20,
    "why": "the room was flooded",
}
_OF_TYPE: dict[object, Any] = {Money: Money(500_000, "CNY"), datetime: MOMENT}
# Where a field means something else in one event.
SPECIAL: dict[tuple[str, str], Any] = {
    ("payments.fund.low.v1", "available"): Money(45_000, "CNY"),
    ("payments.fund.low.v1", "threshold"): Money(90_000, "CNY"),
    ("payments.invoice.issued.v1", "corrects"): None,
    ("payments.invoice.issued.v1", "kind"): "invoice",
    ("payments.invoice.issued.v1", "name"): "2026-02-00001",
    ("payments.invoice.issued.v1", "period"): "2026-02",
    ("matching.clearing.cleared.v1", "period"): "2026-w09",
    ("matching.clearing.cleared.v1", "rule"): "value",
    ("matching.clearing.cleared.v1", "dry_run"): False,
    ("matching.clearing.cleared.v1", "value"): 1_650,
    ("matching.clearing.cleared.v1", "gap_millionths"): 0,
    ("matching.clearing.cleared.v1", "assignments"): 2,
    ("matching.clearing.cleared.v1", "holds"): 2,
    ("payments.invoice.issued.v1", "tax"): Money(28_302, "CNY"),
    ("catalog.shipment.received.v1", "by"): "host",
    ("catalog.shipment.released.v1", "by"): "gatherings",
    ("catalog.shipment.called-off.v1", "reason"): "claim-ended",
    ("payments.contract.published.v1", "version"): 2,
    ("payments.entry.posted.v1", "kind"): "plain",
    ("payments.entry.posted.v1", "code"): "sale",
    ("payments.provider.succeeded.v1", "kind"): "payout",
    ("payments.provider.failed.v1", "kind"): "payout",
    ("payments.provider.failed.v1", "code"): "account-closed",
    ("payments.provider.alarmed.v1", "kind"): "payout",
    ("payments.provider.alarmed.v1", "code"): "stuck",
    ("payments.provider.alarmed.v1", "detail"): "unknown since 2026-03-01T09:00:00+00:00",
    ("payments.destination.refused.v1", "code"): "account-closed",
    ("payments.dispute.opened.v1", "reason"): "product-not-received",
    ("payments.dispute.ended.v1", "outcome"): "lost",
    ("payments.payout.failed.v1", "code"): "account-closed",
    ("payments.payout.returned.v1", "code"): "returned-by-bank",
    # A slot is lent for one of rent, share and naming.
    ("catalog.venue.slot-opened.v1", "rent"): None,
    ("catalog.venue.slot-opened.v1", "naming"): None,
    ("catalog.venue.hold-released.v1", "reason"): "expired",
}


def examples_of(kind: Published) -> list[str]:
    """The examples of one class as JSON text; raise ``KeyError`` for a field without a value."""
    hints = typing.get_type_hints(kind)
    values = {part.name: _value(kind.type, part.name, hints[part.name]) for part in fields(kind)}
    stamp = Stamp(
        source=f"/{'matching' if form_of(kind) == 'command' else kind.type.split('.')[0]}/1",
        context=Context(actor="usr_example", organization=_id("organization_id")),
        recorded_at=MOMENT,
    )
    published = kind(**values)
    if isinstance(published, Message):
        text = message_json(published, stamp=stamp)
    else:
        event_id = derived_id("evt", ORIGIN, kind.type)
        text = event_json(published, event_id=event_id, sequence=1, stamp=stamp)
    return [json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"]


def _value(event_type: str, name: str, hint: object) -> Any:  # noqa: ANN401 - any field
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if (event_type, name) in SPECIAL:
        value = SPECIAL[event_type, name]
    elif origin in {typing.Union, types.UnionType}:
        value = _value(event_type, name, inner[0])
    elif name in PREFIXES:
        value = (_id(name),) if origin is tuple else _id(name)
    elif origin is tuple and is_dataclass(inner[0]):
        value = (_part(event_type, inner[0]),)
    elif name == "packs" and origin is Mapping:
        value = {_id("lot_id"): 4}
    elif name == "tags":
        value = ("tea", "craft") if origin is tuple else {"tea": 80, "craft": 40}
    else:
        value = VALUES[name] if name in VALUES else _OF_TYPE[hint]
    return value


def _part(event_type: str, kind: Any) -> Any:  # noqa: ANN401 - any dataclass within an event
    hints = typing.get_type_hints(kind)
    return kind(
        **{part.name: _value(event_type, part.name, hints[part.name]) for part in fields(kind)}
    )
