"""Claims kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.matching.claims.documents import ClaimDocument
from services.matching.claims.domain import (
    Channel,
    Claim,
    ClaimNotFound,
    Goods,
    Status,
    Subsidy,
)
from services.matching.supply.repositories import kit_row, to_kit
from sharing.eligibility import ClaimFacts, Clause


class MongoClaims:
    """The ``Claims`` port over the ``claims`` collection."""

    def get(self, claim_id: str) -> Claim:
        row = collection("claims").find_one({"_id": claim_id})
        if row is None:
            raise ClaimNotFound(f"no claim {claim_id}")
        return to_claim(row)

    def get_all(self, claim_ids: Iterable[str]) -> dict[str, Claim]:
        found = collection("claims").find({"_id": {"$in": list(claim_ids)}})
        return {row["_id"]: to_claim(row) for row in found}

    def save(self, decision: Decision[Claim]) -> Claim:
        claim, events, messages = decision
        revision = outbox.save(_to_document(claim), claim.revision, events, messages)
        return replace(claim, revision=revision)

    def save_all(self, decisions: Sequence[Decision[Claim]]) -> None:
        outbox.save_all(
            outbox.Change(_to_document(claim), claim.revision, events, messages)
            for claim, events, messages in decisions
        )


def to_claim(row: Row) -> Claim:
    """The claim of a row."""
    return Claim(
        id=row["_id"],
        goods=_goods(row),
        subsidies=_subsidies(row),
        currency=row["currency"],
        host_id=row["host_id"],
        community_id=row["community_id"],
        min_checked_in=row["min_checked_in"],
        terms=row["terms"],
        requested_at=row["requested_at"],
        kit=to_kit(row["kit_id"], row["kit"]) if row.get("kit_id") else None,
        region=row.get("region", ""),
        channel=Channel(row.get("channel", Channel.GATHERING)),
        facts=_facts(row.get("facts")),
        status=Status(row["status"]),
        decided_at=row.get("decided_at"),
        reservation_id=row.get("reservation_id"),
        refusal_code=row.get("refusal_code"),
        refusal_detail=row.get("refusal_detail"),
        gathering_id=row.get("gathering_id"),
        revision=Revision(row["version"], row["last_sequence"]),
    )


def _facts(row: Row | None) -> ClaimFacts | None:
    return ClaimFacts(**row | {"tags": tuple(row["tags"])}) if row else None


def _goods(row: Row) -> tuple[Goods, ...]:
    """Of a claim that was made before there were kits: packs of its lot."""
    if "goods" in row:
        return tuple(Goods(**each) for each in row["goods"])
    return (Goods(lot_id=row["lot_id"], brand_id=row["brand_id"], packs=row["packs"]),)


def _subsidies(row: Row) -> tuple[Subsidy, ...]:
    """Of a claim that was made before there were kits: the one of its offer."""
    currency = row["currency"]
    if "subsidies" not in row:
        amount, base = row["subsidy_minor"], row.get("base_subsidy_minor", row["subsidy_minor"])
        old = {"offer_id": row["offer_id"], "minor": amount, "base_minor": base}
        row = {"subsidies": [old | {"extra": row.get("urgency_basis_points", 0)}]}
    return tuple(
        Subsidy(
            offer_id=each["offer_id"],
            amount=Money(int(each["minor"]), currency),
            base=Money(int(each["base_minor"]), currency),
            urgency_basis_points=each["extra"],
            met=tuple(Clause(**clause) for clause in each.get("met", ())),
        )
        for each in row["subsidies"]
    )


def _to_document(claim: Claim) -> ClaimDocument:
    return ClaimDocument(
        id=claim.id,
        goods=[asdict(each) for each in claim.goods],
        subsidies=[
            {
                "offer_id": each.offer_id,
                "minor": each.amount.minor,
                "base_minor": each.base.minor,
                "extra": each.urgency_basis_points,
                "met": [asdict(clause) for clause in each.met],
            }
            for each in claim.subsidies
        ],
        currency=claim.currency,
        kit_id=claim.kit_id,
        kit=kit_row(claim.kit) if claim.kit else None,
        brand_id=claim.brand_id,
        host_id=claim.host_id,
        community_id=claim.community_id,
        min_checked_in=claim.min_checked_in,
        terms=dict(claim.terms),
        requested_at=claim.requested_at,
        region=claim.region,
        channel=claim.channel.value,
        facts=asdict(claim.facts) if claim.facts else None,
        status=claim.status.value,
        decided_at=claim.decided_at,
        reservation_id=claim.reservation_id,
        refusal_code=claim.refusal_code,
        refusal_detail=claim.refusal_detail,
        gathering_id=claim.gathering_id,
    )
