"""Operations for lists."""

from __future__ import annotations

from chassis.mongo import collection
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


def stuck_count() -> int:
    """How many operations need a person and have not ended."""
    open_states = [State.PLANNED.value, State.UNKNOWN.value, State.ACCEPTED.value]
    stuck = {"alarm": {"$exists": True}, "state": {"$in": open_states}}
    return collection("provider_operations").count_documents(stuck)
