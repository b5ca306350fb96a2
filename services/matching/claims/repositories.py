"""Claims kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.matching.claims.documents import ClaimDocument
from services.matching.claims.domain import Channel, Claim, ClaimNotFound, Status


class MongoClaims:
    """The ``Claims`` port over the ``claims`` collection."""

    def get(self, claim_id: str) -> Claim:
        row = collection("claims").find_one({"_id": claim_id})
        if row is None:
            raise ClaimNotFound(f"no claim {claim_id}")
        return _to_domain(row)

    def get_all(self, claim_ids: Iterable[str]) -> dict[str, Claim]:
        found = collection("claims").find({"_id": {"$in": list(claim_ids)}})
        return {row["_id"]: _to_domain(row) for row in found}

    def save(self, decision: Decision[Claim]) -> Claim:
        claim, events, messages = decision
        revision = outbox.save(_to_document(claim), claim.revision, events, messages)
        return replace(claim, revision=revision)

    def save_all(self, decisions: Sequence[Decision[Claim]]) -> None:
        outbox.save_all(
            outbox.Change(_to_document(claim), claim.revision, events, messages)
            for claim, events, messages in decisions
        )


def _to_domain(row: Row) -> Claim:
    base = int(({"base_subsidy_minor": row["subsidy_minor"]} | row)["base_subsidy_minor"])
    return Claim(
        id=row["_id"],
        lot_id=row["lot_id"],
        offer_id=row["offer_id"],
        brand_id=row["brand_id"],
        host_id=row["host_id"],
        community_id=row["community_id"],
        packs=row["packs"],
        subsidy=Money(int(row["subsidy_minor"]), row["currency"]),
        min_checked_in=row["min_checked_in"],
        terms=row["terms"],
        requested_at=row["requested_at"],
        base_subsidy=Money(base, row["currency"]),
        urgency_basis_points=row.get("urgency_basis_points", 0),
        region=row.get("region", ""),
        channel=Channel(row.get("channel", Channel.GATHERING)),
        status=Status(row["status"]),
        decided_at=row.get("decided_at"),
        reservation_id=row.get("reservation_id"),
        refusal_code=row.get("refusal_code"),
        refusal_detail=row.get("refusal_detail"),
        gathering_id=row.get("gathering_id"),
        revision=Revision(row["version"], row["last_sequence"]),
    )


def _to_document(claim: Claim) -> ClaimDocument:
    return ClaimDocument(
        id=claim.id,
        lot_id=claim.lot_id,
        offer_id=claim.offer_id,
        brand_id=claim.brand_id,
        host_id=claim.host_id,
        community_id=claim.community_id,
        packs=claim.packs,
        subsidy_minor=claim.subsidy.minor,
        currency=claim.subsidy.currency,
        min_checked_in=claim.min_checked_in,
        terms=dict(claim.terms),
        requested_at=claim.requested_at,
        base_subsidy_minor=claim.base_subsidy.minor,
        urgency_basis_points=claim.urgency_basis_points,
        region=claim.region,
        channel=claim.channel.value,
        status=claim.status.value,
        decided_at=claim.decided_at,
        reservation_id=claim.reservation_id,
        refusal_code=claim.refusal_code,
        refusal_detail=claim.refusal_detail,
        gathering_id=claim.gathering_id,
    )
