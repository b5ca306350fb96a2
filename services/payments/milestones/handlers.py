"""What milestones do when facts arrive and clocks end, and how that gets into the books."""

from __future__ import annotations

from functools import partial

from chassis.dispatcher import Executor
from chassis.envelope import Event
from chassis.inbox import Handler, each
from chassis.kernel.time import Clock
from chassis.mongo import atomically
from chassis.turns import Turns
from services.payments.milestones.schemas import (
    GatheringFactRead,
    GatheringHeldRead,
    GatheringPlannedRead,
)
from services.payments.milestones.use_cases import (
    Ladder,
    advance_milestones,
    begin_schedule,
    book_end,
    book_taking,
    cancel_milestones,
    plan_clawback,
    plan_end,
    plan_schedule,
    prove_milestones,
    record_end,
    record_taking,
)
from sharing.terms import Proof

BATCH = 200


def fact_handlers(ladder: Ladder) -> dict[str, Handler]:
    """Map matching's facts about gatherings to what is done; each changes nothing twice."""

    def on_planned(event: Event) -> None:
        told = GatheringPlannedRead().load(event.data)
        plan_schedule(told["claim_id"], told["gathering_id"], ladder=ladder)

    def on_opened(event: Event) -> None:
        begin_schedule(_gathering(event), at=event.time, ladder=ladder)

    def on_held(event: Event) -> None:
        told = GatheringHeldRead().load(event.data)
        prove_milestones(
            told["gathering_id"],
            Proof.HELD,
            at=event.time,
            heads=told["checked_in"],
            ladder=ladder,
        )

    def on_approved(event: Event) -> None:
        prove_milestones(
            _gathering(event), Proof.APPROVED, at=event.time, heads=None, ladder=ladder
        )

    def on_cancelled(event: Event) -> None:
        cancel_milestones(_gathering(event), at=event.time, ladder=ladder)

    return {
        "matching.gathering.planned.v1": each(on_planned),
        "matching.gathering.opened.v1": each(on_opened),
        "matching.gathering.held.v1": each(on_held),
        "matching.gathering.approved.v1": each(on_approved),
        "matching.gathering.cancelled.v1": each(on_cancelled),
    }


def advance_due(ladder: Ladder, clock: Clock, turns: Turns) -> int:
    """Let every clock that has ended end its milestone; answer of how many claims any did.

    A claim for which that fails waits, and the others have their turn.
    """
    now = clock()

    def one(claim_id: str) -> bool:
        return atomically(partial(advance_milestones, claim_id, now=now, ladder=ladder))

    due = ladder.schedules.due(now, limit=BATCH + len(turns))
    return sum(turns.take(claim_id, partial(one, claim_id)) for claim_id in due)


def end_executor(ladder: Ladder, clock: Clock) -> Executor:
    """Carry out the intent ``milestone``: book how one ended, then tell."""
    return Executor(
        plan=lambda body: plan_end(body["id"], ladder=ladder),
        submit=lambda planned: book_end(planned, ladder=ladder),
        record=lambda planned, _: record_end(planned, ladder=ladder, now=clock()),
    )


def clawback_executor(ladder: Ladder, clock: Clock) -> Executor:
    """Carry out the intent ``milestone-clawback``: take back what one paid, then tell."""
    return Executor(
        plan=lambda body: plan_clawback(body["id"], ladder=ladder),
        submit=lambda planned: book_taking(planned, ladder=ladder),
        record=lambda planned, _: record_taking(planned, ladder=ladder, now=clock()),
    )


def _gathering(event: Event) -> str:
    found: str = GatheringFactRead().load(event.data)["gathering_id"]
    return found
