"""Registrations kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.mongo import Row, collection
from services.matching.registrations.documents import RegistrationDocument
from services.matching.registrations.domain import Registration

NAME = "registrations"


class MongoRegistrations:
    """The ``Registrations`` port over the ``registrations`` collection."""

    def find(self, registration_id: str) -> Registration | None:
        row = collection(NAME).find_one({"_id": registration_id})
        return None if row is None else _to_domain(row)

    def due(self, now: datetime, *, limit: int) -> list[Registration]:
        wanted = {"is_forgotten": False, "forget_at": {"$lte": now}}
        found = collection(NAME).find(wanted).sort("forget_at", 1).limit(limit)
        return [_to_domain(row) for row in found]

    def save(self, decision: Decision[Registration]) -> Registration:
        registration = decision.state
        document = RegistrationDocument(
            id=registration.id,
            gathering_id=registration.gathering_id,
            invitation_id=registration.invitation_id,
            host_id=registration.host_id,
            registered_at=registration.registered_at,
            forget_at=registration.forget_at,
            answers=dict(registration.answers),
            is_forgotten=registration.is_forgotten,
        )
        return replace(registration, revision=outbox.save(document, registration.revision))


def _to_domain(row: Row) -> Registration:
    return Registration(
        id=row["_id"],
        gathering_id=row["gathering_id"],
        invitation_id=row["invitation_id"],
        host_id=row["host_id"],
        registered_at=row["registered_at"],
        forget_at=row["forget_at"],
        answers=row.get("answers", {}),
        is_forgotten=row["is_forgotten"],
        revision=Revision(row["version"], row["last_sequence"]),
    )
