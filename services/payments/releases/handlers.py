"""Releases by the clock: found, decided one organisation at a time, then booked."""

from __future__ import annotations

from functools import partial

from chassis.dispatcher import Executor
from chassis.kernel.decisions import NotYet
from chassis.kernel.errors import Conflict
from chassis.kernel.time import Clock
from chassis.mongo import atomically
from chassis.turns import Turns
from services.payments.ledger.domain import FloorBroken
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.use_cases import Intentions
from services.payments.releases.domain import Release
from services.payments.releases.use_cases import (
    PendingShares,
    Releases,
    plan_release,
    record_release,
)

BATCH = 200


def release_due(
    shares: PendingShares,
    releases: Releases,
    intentions: Intentions,
    clock: Clock,
    turns: Turns,
) -> int:
    """Decide about every organisation with due shares; answer how many releases that makes.

    An organisation for which that fails waits, and the others have their turn.
    """

    def one(organization_id: str, currency: str) -> bool:
        try:
            planned = atomically(
                lambda: plan_release(
                    organization_id,
                    currency,
                    shares=shares,
                    releases=releases,
                    intentions=intentions,
                    now=now,
                )
            )
        except Conflict:
            return False  # a refund came first; the next run sees what is left
        return planned is not None

    now = clock()
    owners = shares.owners_due(now, limit=BATCH + len(turns))
    return sum(turns.take(":".join(owner), partial(one, *owner)) for owner in owners)


def release_executor(releases: Releases, ledger: Ledger, clock: Clock) -> Executor:
    """Carry out the intent ``release``: book it, then tell; it waits while the money is away."""

    def submit(planned: Release) -> None:
        (outcome,) = ledger.submit([planned.entry()])
        if outcome.code == FloorBroken.code:
            raise NotYet(f"what {planned.id} frees is not all there")
        outcome.or_raise()

    def record(planned: Release, _booked: None) -> None:
        record_release(planned, releases=releases, now=clock())

    return Executor(lambda body: releases.get(body["id"]), submit, record)
