"""Sales kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.matching.sales.documents import SaleDocument
from services.matching.sales.domain import Refund, RefundState, Sale, SaleNotFound


class MongoSales:
    """The ``Sales`` port over the ``sales`` collection."""

    def get(self, gathering_id: str, sale_id: str) -> Sale:
        row = collection("sales").find_one({"_id": sale_id})
        if row is None or row["gathering_id"] != gathering_id:
            raise SaleNotFound(f"no sale {sale_id}")
        return _to_domain(row)

    def get_all(self, sale_ids: Iterable[str]) -> dict[str, Sale]:
        found = collection("sales").find({"_id": {"$in": list(sale_ids)}})
        return {row["_id"]: _to_domain(row) for row in found}

    def save(self, decision: Decision[Sale]) -> Sale:
        sale, events, messages = decision
        revision = outbox.save(_to_document(sale), sale.revision, events, messages)
        return replace(sale, revision=revision)

    def save_all(self, decisions: Sequence[Decision[Sale]]) -> None:
        outbox.save_all(
            outbox.Change(_to_document(sale), sale.revision, events, messages)
            for sale, events, messages in decisions
        )


def _to_domain(row: Row) -> Sale:
    currency = row["currency"]
    return Sale(
        id=row["_id"],
        gathering_id=row["gathering_id"],
        ticket_id=row.get("ticket_id"),
        units=row["units"],
        amount=Money(int(row["amount_minor"]), currency),
        sold_by=row["sold_by"],
        sold_at=row["sold_at"],
        refunds=tuple(_to_refund(part, currency) for part in row.get("refunds", ())),
        revision=Revision(row["version"], row["last_sequence"]),
    )


def _to_refund(part: Row, currency: str) -> Refund:
    return Refund(
        id=part["id"],
        amount=Money(int(part["amount_minor"]), currency),
        packs_returned=part["packs_returned"],
        lot_id=part.get("lot_id"),
        requested_at=part["requested_at"],
        state=RefundState(part["state"]),
        code=part["code"],
        detail=part["detail"],
    )


def _to_document(sale: Sale) -> SaleDocument:
    return SaleDocument(
        id=sale.id,
        gathering_id=sale.gathering_id,
        ticket_id=sale.ticket_id,
        units=sale.units,
        amount_minor=sale.amount.minor,
        currency=sale.amount.currency,
        sold_by=sale.sold_by,
        sold_at=sale.sold_at,
        refunds=[
            {
                "id": refund.id,
                "amount_minor": refund.amount.minor,
                "packs_returned": refund.packs_returned,
                "lot_id": refund.lot_id,
                "requested_at": refund.requested_at,
                "state": refund.state.value,
                "code": refund.code,
                "detail": refund.detail,
            }
            for refund in sale.refunds
        ],
    )
