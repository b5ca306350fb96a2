"""Sales over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import outbox
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.sales.documents import ClosedGatheringDocument, SaleDocument
from services.payments.sales.domain import Sale


class MongoSales:
    """The ``Sales`` port over the ``sales`` collection."""

    def find(self, sale_ids: Sequence[str]) -> dict[str, Sale]:
        """Those there are, by id."""
        documents = SaleDocument.objects(pk__in=list(sale_ids))
        return {document.id: _to_domain(document) for document in documents}

    def of(self, gathering_id: str) -> list[Sale]:
        """All of a gathering, oldest first."""
        documents = SaleDocument.objects(gathering_id=gathering_id).order_by("id")
        return [_to_domain(document) for document in documents]

    def save(self, sale: Sale) -> None:
        """Store it, or raise ``Conflict``."""
        document = SaleDocument(
            id=sale.id,
            gathering_id=sale.gathering_id,
            amount_minor=sale.amount.minor,
            refunded_minor=sale.refunded.minor,
            currency=sale.amount.currency,
            disputed_minor=sale.disputed_minor or None,
            is_called_off=sale.is_called_off or None,
        )
        outbox.save(document, sale.revision)

    def close(self, gathering_id: str) -> None:
        """Know that every sale of this gathering has been heard of."""
        collection("closed_gatherings").update_one(
            {"_id": gathering_id}, {"$setOnInsert": {"_id": gathering_id}}, upsert=True
        )

    def is_closed(self, gathering_id: str) -> bool:
        """Whether every sale of this gathering has been heard of."""
        return ClosedGatheringDocument.objects(pk=gathering_id).only("id").first() is not None


def _to_domain(document: SaleDocument) -> Sale:
    return Sale(
        id=document.id,
        gathering_id=document.gathering_id,
        amount=Money(document.amount_minor, document.currency),
        refunded=Money(document.refunded_minor, document.currency),
        disputed_minor=document.disputed_minor or 0,
        is_called_off=bool(document.is_called_off),
        revision=document.revision(),
    )
