"""The claim's sagas: reserve packs, hold the subsidy, decide; and giving both back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chassis.kernel.money import Money
from chassis.kernel.time import Clock, from_rfc3339
from chassis.saga import Plan, Saga, Step
from services.matching.claims.domain import Channel
from services.matching.claims.events import PlaceHold, ReleaseHold, ReleasePacks, ReservePacks
from services.matching.claims.use_cases import (
    CLAIM,
    CLAIM_RETURN,
    Claims,
    Outcome,
    decide_claims,
)

# Packs are asked for once and three times more; escrow is asked for during 15 minutes.
RESERVE_ATTEMPTS = 4
HOLD_WITHIN = timedelta(seconds=60)
HOLD_ATTEMPTS = 15


def claim_plan(claims: Claims, clock: Clock) -> Plan:
    """Reserve, hold, then confirm: what failed before that is taken back."""
    return Plan(
        kind=CLAIM,
        steps=(
            Step(
                name="reserve-packs",
                ask=_reserve_packs,
                done="catalog.reply.packs-reserved.v1",
                refused="catalog.reply.packs-refused.v1",
                undo=release_packs,
                undone="catalog.reply.packs-released.v1",
                keep=("reservation_id",),
                attempts=RESERVE_ATTEMPTS,
            ),
            Step(
                name="place-hold",
                ask=_place_hold,
                done="payments.reply.hold-placed.v1",
                refused="payments.reply.hold-refused.v1",
                undo=_release_hold,
                undone="payments.reply.hold-released.v1",
                answer_within=HOLD_WITHIN,
                attempts=HOLD_ATTEMPTS,
            ),
        ),
        completed=_deciding(claims, clock, _confirmed),
        failed=_deciding(claims, clock, _rejected),
    )


def claim_return_plan() -> Plan:
    """Give packs and subsidy of a cancelled claim back, however long that takes."""
    return Plan(
        kind=CLAIM_RETURN,
        steps=(
            Step(
                name="return-packs",
                ask=release_packs,
                done="catalog.reply.packs-released.v1",
                attempts=None,
            ),
            Step(
                name="return-hold",
                ask=_release_hold,
                done="payments.reply.hold-released.v1",
                attempts=None,
            ),
        ),
        completed=nothing_more,
        failed=nothing_more,
    )


def nothing_more(_sagas: Sequence[Saga]) -> None:
    """The end of a saga that nobody waits for."""


def release_packs(saga: Saga, message_id: str, now: datetime) -> ReleasePacks:
    """The command that puts a claim's packs back on the lot."""
    return ReleasePacks(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        lot_id=saga.data["lot_id"],
        reason=saga.code or saga.data.get("reason", ""),
    )


def _deciding(
    claims: Claims, clock: Clock, outcome_of: Callable[[Saga], Outcome]
) -> Callable[[Sequence[Saga]], None]:
    def decide(sagas: Sequence[Saga]) -> None:
        decide_claims([outcome_of(saga) for saga in sagas], claims=claims, now=clock())

    return decide


def _confirmed(saga: Saga) -> Outcome:
    return Outcome(saga.data["claim_id"], reservation_id=saga.data["reservation_id"])


def _rejected(saga: Saga) -> Outcome:
    return Outcome(saga.data["claim_id"], code=saga.code, detail=saga.detail)


def _reserve_packs(saga: Saga, message_id: str, now: datetime) -> ReservePacks:
    return ReservePacks(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        lot_id=saga.data["lot_id"],
        offer_id=saga.data["offer_id"],
        brand_id=saga.data["brand_id"],
        host_id=saga.data["host_id"],
        packs=saga.data["packs"],
        expires_at=from_rfc3339(saga.data["expires_at"]),
        # Sagas that began before claims had them say neither.
        region=saga.data.get("region", ""),
        channel=saga.data.get("channel", Channel.GATHERING),
    )


def _place_hold(saga: Saga, message_id: str, now: datetime) -> PlaceHold:
    return PlaceHold(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        offer_id=saga.data["offer_id"],
        brand_id=saga.data["brand_id"],
        host_id=saga.data["host_id"],
        amount=Money(**saga.data["amount"]),
        terms=saga.data["terms"],
    )


def _release_hold(saga: Saga, message_id: str, now: datetime) -> ReleaseHold:
    return ReleaseHold(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        offer_id=saga.data["offer_id"],
        reason=saga.code or saga.data.get("reason", ""),
    )
