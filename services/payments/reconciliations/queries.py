"""Reconciliations for lists and figures."""

from __future__ import annotations

from datetime import datetime

from chassis.mongo import Row, collection
from services.payments.reconciliations.documents import RECONCILIATIONS, ReconciliationDocument
from services.payments.reconciliations.domain import BreakKind, Reconciliation, Standing
from services.payments.reconciliations.repositories import to_reconciliation


def reconciliations_page(
    *,
    provider: str | None,
    standing: str | None,
    kind: str | None,
    operation_id: str | None,
    after: str | None,
    limit: int,
) -> list[Reconciliation]:
    """Up to ``limit + 1`` by id, which is by the day they are of; of all that is not None."""
    found = ReconciliationDocument.objects
    wanted = {"provider": provider, "standing": standing, "kind": kind}
    wanted["operation_id"] = operation_id
    found = found(**{name: value for name, value in wanted.items() if value is not None})
    if after is not None:
        found = found(id__gt=after)
    return [to_reconciliation(document) for document in found.order_by("id").limit(limit + 1)]


def oldest_breaks(limit: int) -> list[Reconciliation]:
    """The open breaks that were found first."""
    found = ReconciliationDocument.objects(standing=Standing.OPEN.value)
    return [to_reconciliation(document) for document in found.order_by("found_at").limit(limit)]


def break_counts(now: datetime) -> tuple[dict[str, int], float]:
    """How many breaks of each kind are open, and for how many seconds the oldest has been."""
    stages: list[Row] = [
        {"$match": {"standing": Standing.OPEN.value}},
        {"$group": {"_id": "$kind", "count": {"$sum": 1}}},
    ]
    counts = dict.fromkeys((kind.value for kind in BreakKind), 0)
    counts |= {row["_id"]: row["count"] for row in collection(RECONCILIATIONS).aggregate(stages)}
    oldest = oldest_breaks(1)
    age = (now - oldest[0].found_at).total_seconds() if oldest else 0.0
    return counts, max(0.0, age)
