"""Gatherings kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.money import WHOLE
from chassis.mongo import Row, collection
from services.matching.claims.domain import Goods
from services.matching.gatherings.documents import GatheringDocument
from services.matching.gatherings.domain import (
    Cartridge,
    Evidence,
    Gathering,
    GatheringNotFound,
    Slot,
    Status,
)
from services.matching.gatherings.engine.sheet import Point, Question, Sheet

# Fields that lie in MongoDB as they are in the domain.
_PLAIN = (
    "title",
    "claim_id",
    "offer_id",
    "kit_id",
    "host_id",
    "community_id",
    "min_checked_in",
    "naming_rights_id",
    "capacity",
    "planned_at",
    "checked_in",
    "refusal_code",
    "refusal_detail",
    "why",
    "held_at",
    "approve_by",
    "approved_by",
    "settlement_id",
)


class MongoGatherings:
    """The ``Gatherings`` port over the ``gatherings`` collection."""

    def get(self, gathering_id: str) -> Gathering:
        row = collection("gatherings").find_one({"_id": gathering_id})
        if row is None:
            raise GatheringNotFound(f"no gathering {gathering_id}")
        return to_gathering(row)

    def get_all(self, gathering_ids: Iterable[str]) -> dict[str, Gathering]:
        found = collection("gatherings").find({"_id": {"$in": list(gathering_ids)}})
        return {row["_id"]: to_gathering(row) for row in found}

    def save(self, decision: Decision[Gathering]) -> Gathering:
        gathering, events, messages = decision
        revision = outbox.save(_to_document(gathering), gathering.revision, events, messages)
        return replace(gathering, revision=revision)

    def save_all(self, decisions: Sequence[Decision[Gathering]]) -> None:
        outbox.save_all(
            outbox.Change(_to_document(gathering), gathering.revision, events, messages)
            for gathering, events, messages in decisions
        )


def to_gathering(row: Row) -> Gathering:
    """The gathering of a row."""
    return Gathering(
        id=row["_id"],
        goods=_goods(row),
        returned=_returned(row),
        sheet=_sheet(row.get("sheet") or {}),
        approved_brands=tuple(row.get("approved_brands", ())),
        co_host_ids=tuple(row.get("co_host_ids", ())),
        cartridge=_cartridge(row["cartridge"]),
        slot=Slot(**row["slot"]),
        status=Status(row["status"]),
        evidence=tuple(Evidence(**piece) for piece in row.get("evidence", ())),
        revision=Revision(row["version"], row["last_sequence"]),
        **_plain(row),
    )


def _goods(row: Row) -> tuple[Goods, ...]:
    """Of a gathering that was planned before there were kits: packs of its lot."""
    if "goods" in row:
        return tuple(Goods(**each) for each in row["goods"])
    return (Goods(lot_id=row["lot_id"], brand_id=row["brand_id"], packs=row["packs"]),)


def _returned(row: Row) -> dict[str, int]:
    if "goods" in row:
        return dict(row.get("returned", {}))
    return {row["lot_id"]: row["packs_returned"]} if row["packs_returned"] else {}


def _sheet(row: Row) -> Sheet:
    """Nothing is asked of a gathering that was planned before there were sheets."""
    questions = [{**each, "options": tuple(each["options"])} for each in row.get("questions", ())]
    return Sheet(
        tuple(Point(**each) for each in row.get("points", ())),
        tuple(Question(**each) for each in questions),
    )


def _cartridge(row: Row) -> Cartridge:
    told = {name: value for name, value in row.items() if name != "payees"}
    return Cartridge(**{"royalties": {row["author_id"]: WHOLE}, **told})


def _cartridge_row(cartridge: Cartridge) -> Row:
    """With the payees as a list beside the royalties: what an index can hold."""
    return {**asdict(cartridge), "payees": list(cartridge.royalties)}


def _plain(row: Row) -> dict[str, Any]:
    return {name: row.get(name) for name in _PLAIN}


def _to_document(gathering: Gathering) -> GatheringDocument:
    return GatheringDocument(
        id=gathering.id,
        brand_id=gathering.brand_id,
        goods=[asdict(each) for each in gathering.goods],
        returned=dict(gathering.returned),
        sheet=asdict(gathering.sheet),
        approved_brands=list(gathering.approved_brands),
        co_host_ids=list(gathering.co_host_ids),
        cartridge=_cartridge_row(gathering.cartridge),
        slot=asdict(gathering.slot),
        status=gathering.status.value,
        evidence=[asdict(piece) for piece in gathering.evidence],
        **{name: getattr(gathering, name) for name in _PLAIN},
    )
