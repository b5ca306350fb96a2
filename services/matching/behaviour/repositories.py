"""The record of behaviour kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable

from services.matching.behaviour.documents import BehaviourDocument
from services.matching.behaviour.domain import Record


class MongoBehaviour:
    """The ``Behaviour`` port over the ``behaviour`` collection."""

    def append(self, records: Iterable[Record]) -> None:
        documents = [
            BehaviourDocument(
                id=line.id,
                organization_id=line.organization_id,
                deed=line.deed.value,
                gathering_id=line.gathering_id,
                origin=line.origin,
                amount=line.amount,
                at=line.at,
            )
            for line in records
        ]
        if documents:
            BehaviourDocument.objects.insert(documents, load_bulk=False)
