"""Operations for lists."""

from __future__ import annotations

from chassis.mongo import Row, collection
from services.payments.providers.documents import OperationDocument
from services.payments.providers.domain import Operation, State
from services.payments.providers.repositories import to_operation


def operations_page(
    *, state: str | None, about: str | None, alarmed: bool, after: str | None, limit: int
) -> list[Operation]:
    """Up to ``limit + 1`` operations by id, of a state, about something, or with an alarm."""
    found = OperationDocument.objects
    if state is not None:
        found = found(state=state)
    if about is not None:
        found = found(about=about)
    if alarmed:
        found = found(alarm__exists=True)
    if after is not None:
        found = found(id__gt=after)
    return [to_operation(document) for document in found.order_by("id").limit(limit + 1)]


_OPEN = {"$in": [State.PLANNED.value, State.UNKNOWN.value, State.ACCEPTED.value]}


def stuck_count() -> int:
    """How many operations need a person and have not ended."""
    stuck = {"alarm": {"$exists": True}, "state": _OPEN}
    return collection("provider_operations").count_documents(stuck)


def open_by_provider() -> dict[str, Row]:
    """How many operations of each provider have not ended, and how many need a person.

    ``oldest_open_at`` is when the oldest of them was planned. A provider without any is
    not there.
    """
    # Whatever has not ended is due some time, which is what the index holds.
    found = {"next_at": {"$exists": True}, "state": _OPEN}
    needs_somebody = {"$cond": [{"$gt": ["$alarm", None]}, 1, 0]}
    group = {
        "_id": "$provider",
        "open_operations": {"$sum": 1},
        "stuck_operations": {"$sum": needs_somebody},
        "oldest_open_at": {"$min": "$planned_at"},
    }
    rows = collection("provider_operations").aggregate([{"$match": found}, {"$group": group}])
    return {row.pop("_id"): row for row in rows}
