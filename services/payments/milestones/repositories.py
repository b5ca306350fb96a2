"""Schedules of milestones over MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.mongo import collection
from services.payments.escrow.domain import Escrow, EscrowState, parts_of, rows_of
from services.payments.milestones.documents import ScheduleDocument
from services.payments.milestones.domain import (
    By,
    Milestone,
    MilestonesNotFound,
    Objection,
    Ruled,
    Schedule,
    Side,
)
from sharing.terms import Ending, Terms


class MongoSchedules:
    """The ``Schedules`` port over the ``milestone_schedules`` collection."""

    def find(self, claim_id: str) -> Schedule | None:
        """The schedule of a claim, if its gathering was heard of."""
        document = ScheduleDocument.objects(claim_id=claim_id).first()
        return None if document is None else _to_domain(document)

    def get(self, claim_id: str) -> Schedule:
        """One that is begun; raise ``MilestonesNotFound`` rather than return None."""
        found = self.find(claim_id)
        if found is None or not found.is_begun:
            raise MilestonesNotFound(f"no milestones of {claim_id}")
        return found

    def of(self, gathering_id: str) -> Schedule | None:
        """The schedule of a gathering's claim, if that was heard of."""
        document = ScheduleDocument.objects(gathering_id=gathering_id).first()
        return None if document is None else _to_domain(document)

    def holding(self, milestone_id: str) -> Schedule:
        """The schedule with this milestone; raise ``MilestonesNotFound``."""
        document = ScheduleDocument.objects(milestones__id=milestone_id).first()
        if document is None:
            raise MilestonesNotFound(f"no milestone {milestone_id}")
        return _to_domain(document)

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Claims of which a clock has ended, those first that ended first."""
        found = collection("milestone_schedules").find({"due_at": {"$lte": now}}, {"claim_id": 1})
        return [row["claim_id"] for row in found.sort("due_at", 1).limit(limit)]

    def save(self, decision: Decision[Schedule]) -> Schedule:
        """Store the state and its events together, or raise ``Conflict``."""
        state = decision.state
        revision = outbox.save(_to_document(state), state.revision, decision.events)
        return replace(state, revision=revision)


def _to_domain(document: ScheduleDocument) -> Schedule:
    return Schedule(
        claim_id=document.claim_id,
        gathering_id=document.gathering_id,
        escrow=_to_escrow(document) if document.milestones else None,
        terms=Terms(document.terms) if document.terms else None,
        opened_at=document.opened_at,
        heads=document.heads,
        milestones=tuple(_to_milestone(row) for row in document.milestones),
        revision=document.revision(),
    )


def _to_escrow(document: ScheduleDocument) -> Escrow:
    parts = parts_of(document.parts, document.currency, offer_id=None, minor=None)
    return Escrow(
        document.claim_id, parts, document.contract_id, EscrowState.ESCROWED, document.currency
    )


def _to_milestone(row: Mapping[str, Any]) -> Milestone:
    objection, ruled = row["objection"], row["ruled"]
    return Milestone(
        **{
            **row,
            "given": tuple(row["given"]),
            "objection": objection and Objection(**{**objection, "side": Side(objection["side"])}),
            "ruled": ruled
            and Ruled(**{**ruled, "ending": Ending(ruled["ending"]), "by": By(ruled["by"])}),
        }
    )


def _from_milestone(milestone: Milestone) -> dict[str, Any]:
    row = asdict(milestone) | {"given": list(milestone.given)}
    if milestone.objection is not None:
        row["objection"]["side"] = milestone.objection.side.value
    if milestone.ruled is not None:
        row["ruled"] |= {
            "ending": milestone.ruled.ending.value,
            "by": milestone.ruled.by.value,
        }
    return row


def _to_document(schedule: Schedule) -> ScheduleDocument:
    escrow = schedule.escrow
    return ScheduleDocument(
        id=schedule.id,
        claim_id=schedule.claim_id,
        gathering_id=schedule.gathering_id,
        contract_id=escrow and escrow.contract_id,
        parts=rows_of(escrow.parts) if escrow else [],
        currency=escrow and escrow.currency,
        terms=dict(schedule.terms.data) if schedule.terms else None,
        opened_at=schedule.opened_at,
        heads=schedule.heads,
        milestones=[_from_milestone(each) for each in schedule.milestones],
        due_at=schedule.due_at,
    )
