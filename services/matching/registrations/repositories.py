"""Registrations kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.mongo import collection
from services.matching.registrations.documents import RegistrationDocument
from services.matching.registrations.domain import Registration


class MongoRegistrations:
    """The ``Registrations`` port over the ``registrations`` collection."""

    def find(self, registration_id: str) -> Registration | None:
        row = collection("registrations").find_one({"_id": registration_id})
        if row is None:
            return None
        return Registration(
            id=row["_id"],
            gathering_id=row["gathering_id"],
            invitation_id=row["invitation_id"],
            host_id=row["host_id"],
            registered_at=row["registered_at"],
            answers=row.get("answers", {}),
            is_taken_back=row["is_taken_back"],
            revision=Revision(row["version"], row["last_sequence"]),
        )

    def save(self, decision: Decision[Registration]) -> Registration:
        registration = decision.state
        document = RegistrationDocument(
            id=registration.id,
            gathering_id=registration.gathering_id,
            invitation_id=registration.invitation_id,
            host_id=registration.host_id,
            registered_at=registration.registered_at,
            answers=dict(registration.answers),
            is_taken_back=registration.is_taken_back,
        )
        return replace(registration, revision=outbox.save(document, registration.revision))
