"""What to do about matching's facts that tell of runs: parse, note."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler
from services.catalog.ratings.schemas import RunRatedSchema, RunRefundedSchema, RunSettledSchema
from services.catalog.ratings.use_cases import Runs


def handlers(runs: Runs) -> dict[str, Handler]:
    """Settled gatherings are verified runs; guests' stars and returns are their figures."""
    settled, rated, refunded = RunSettledSchema(), RunRatedSchema(), RunRefundedSchema()

    def on_settled(events: Sequence[Event]) -> None:
        told = [settled.load(event.data) for event in events]
        if known := [each for each in told if each is not None]:
            runs.note_settled(known)

    def on_rated(events: Sequence[Event]) -> None:
        runs.note_stars([rated.load(event.data) for event in events])

    def on_refunded(events: Sequence[Event]) -> None:
        runs.note_returns([refunded.load(event.data) for event in events])

    return {
        "matching.gathering.settled.v1": on_settled,
        "matching.gathering.rated.v1": on_rated,
        "matching.gathering.refunded.v1": on_refunded,
    }
