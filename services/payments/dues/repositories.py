"""Dues over MongoDB."""

from __future__ import annotations

from chassis import outbox
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.dues.documents import DueDocument
from services.payments.dues.domain import Cause, Due, DueNotFound, Move, Step


class MongoDues:
    """The ``Dues`` port over the ``dues`` collection."""

    def get(self, due_id: str) -> Due:
        """Raise ``DueNotFound`` rather than return None."""
        found = self.find(due_id)
        if found is None:
            raise DueNotFound(f"nothing is due under {due_id}")
        return found

    def find(self, due_id: str) -> Due | None:
        """The due, if there is one."""
        document = DueDocument.objects(pk=due_id).first()
        return None if document is None else to_due(document)

    def live(self, *, after: str, limit: int) -> list[str]:
        """See ``Dues.live``."""
        found = collection("dues").find({"is_live": True, "_id": {"$gt": after}}, {"_id": 1})
        return [row["_id"] for row in found.sort("_id", 1).limit(limit)]

    def save(self, due: Due) -> None:
        """Store it, or raise ``Conflict``."""
        document = DueDocument(
            id=due.id,
            cause=due.cause.value,
            debtor_id=due.debtor_id,
            creditor_id=due.creditor_id,
            amount_minor=due.amount.minor,
            currency=due.amount.currency,
            about=due.about,
            steps=[
                {
                    "move": step.move.value,
                    "minor": step.minor,
                    "source": step.source,
                    "is_booked": step.is_booked,
                }
                for step in due.steps
            ],
            is_live=True if due.rest or due.is_waiting else None,
        )
        outbox.save(document, due.revision)


def to_due(document: DueDocument) -> Due:
    """A due as it was stored."""
    return Due(
        id=document.id,
        cause=Cause(document.cause),
        debtor_id=document.debtor_id,
        creditor_id=document.creditor_id,
        amount=Money(document.amount_minor, document.currency),
        about=document.about,
        steps=tuple(
            Step(Move(row["move"]), int(row["minor"]), row["source"], row["is_booked"])
            for row in document.steps
        ),
        revision=document.revision(),
    )
