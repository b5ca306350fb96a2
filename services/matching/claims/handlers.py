"""The claim's sagas: reserve the goods, hold the subsidies, decide; and giving both back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chassis.kernel.money import Money
from chassis.kernel.time import Clock, from_rfc3339
from chassis.saga import Plan, Saga, Step
from chassis.saga.steps import Ask
from services.matching.claims.domain import Channel
from services.matching.claims.events import (
    PlaceHold,
    PlaceKitHold,
    ReleaseHold,
    ReleaseKit,
    ReleasePacks,
    ReserveKit,
    ReservePacks,
)
from services.matching.claims.use_cases import (
    CLAIM,
    CLAIM_RETURN,
    KIT_CLAIM,
    KIT_RETURN,
    Docket,
    SagaEnd,
    decide_claims,
)

# Packs are asked for once and three times more; escrow is asked for during 15 minutes.
RESERVE_ATTEMPTS = 4
HOLD_WITHIN = timedelta(seconds=60)
HOLD_ATTEMPTS = 15


def claim_plan(docket: Docket, clock: Clock) -> Plan:
    """Reserve packs, hold the subsidy, then confirm: what failed before that is taken back."""
    reserve = Step(
        name="reserve-packs",
        ask=_reserve_packs,
        done="catalog.reply.packs-reserved.v1",
        refused="catalog.reply.packs-refused.v1",
        undo=release_packs,
        undone="catalog.reply.packs-released.v1",
        keep=("reservation_id",),
        attempts=RESERVE_ATTEMPTS,
    )
    return _claiming(CLAIM, (reserve, _holding("place-hold", _place_hold)), docket, clock)


def kit_claim_plan(docket: Docket, clock: Clock) -> Plan:
    """The same for a kit: packs of every line or none, and every subsidy or none."""
    reserve = Step(
        name="reserve-kit",
        ask=_reserve_kit,
        done="catalog.reply.kit-reserved.v1",
        refused="catalog.reply.kit-refused.v1",
        undo=release_kit,
        undone="catalog.reply.kit-released.v1",
        attempts=RESERVE_ATTEMPTS,
    )
    hold = _holding("place-kit-hold", _place_kit_hold)
    return _claiming(KIT_CLAIM, (reserve, hold), docket, clock)


def claim_return_plan() -> Plan:
    """Give packs and subsidy of a cancelled claim back, however long that takes."""
    return _returning(CLAIM_RETURN, RETURN_PACKS)


def kit_return_plan() -> Plan:
    """Give all packs and subsidies of a kit's cancelled claim back."""
    return _returning(KIT_RETURN, RETURN_KIT)


def _claiming(kind: str, steps: tuple[Step, ...], docket: Docket, clock: Clock) -> Plan:
    return Plan(
        kind=kind,
        steps=steps,
        completed=_deciding(docket, clock, _confirmed),
        failed=_deciding(docket, clock, _rejected),
    )


def _returning(kind: str, goods: Step) -> Plan:
    hold = Step(
        name="return-hold",
        ask=_release_hold,
        done="payments.reply.hold-released.v1",
        attempts=None,
    )
    return Plan(kind=kind, steps=(goods, hold), completed=nothing_more, failed=nothing_more)


def _holding(name: str, ask: Ask) -> Step:
    return Step(
        name=name,
        ask=ask,
        done="payments.reply.hold-placed.v1",
        refused="payments.reply.hold-refused.v1",
        undo=_release_hold,
        undone="payments.reply.hold-released.v1",
        answer_within=HOLD_WITHIN,
        attempts=HOLD_ATTEMPTS,
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


def release_kit(saga: Saga, message_id: str, now: datetime) -> ReleaseKit:
    """The command that puts all packs of a kit's claim back on their lots."""
    return ReleaseKit(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        kit_id=saga.data["kit_id"],
        reason=saga.code or saga.data.get("reason", ""),
    )


# Past the point of no return: asked for until answered.
RETURN_PACKS = Step(
    name="return-packs",
    ask=release_packs,
    done="catalog.reply.packs-released.v1",
    attempts=None,
)
RETURN_KIT = Step(
    name="return-kit", ask=release_kit, done="catalog.reply.kit-released.v1", attempts=None
)


def _deciding(
    docket: Docket, clock: Clock, end_of: Callable[[Saga], SagaEnd]
) -> Callable[[Sequence[Saga]], None]:
    def decide(sagas: Sequence[Saga]) -> None:
        decide_claims([end_of(saga) for saga in sagas], docket=docket, now=clock())

    return decide


def _confirmed(saga: Saga) -> SagaEnd:
    return SagaEnd(saga.data["claim_id"], reservation_id=saga.data.get("reservation_id", ""))


def _rejected(saga: Saga) -> SagaEnd:
    return SagaEnd(saga.data["claim_id"], code=saga.code, detail=saga.detail)


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
        requested_at=_requested_at(saga),
    )


def _requested_at(saga: Saga) -> datetime | None:
    # Sagas that began before periods were counted say nothing of it.
    told = saga.data.get("requested_at")
    return from_rfc3339(told) if told else None


def _reserve_kit(saga: Saga, message_id: str, now: datetime) -> ReserveKit:
    return ReserveKit(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        kit_id=saga.data["kit_id"],
        terms_digest=saga.data["terms_digest"],
        host_id=saga.data["host_id"],
        offer_ids=tuple(saga.data["subsidies"]),
        region=saga.data["region"],
        channel=saga.data["channel"],
        expires_at=from_rfc3339(saga.data["expires_at"]),
    )


def _place_kit_hold(saga: Saga, message_id: str, now: datetime) -> PlaceKitHold:
    return PlaceKitHold(
        id=message_id,
        correlation_id=saga.id,
        occurred_at=now,
        claim_id=saga.data["claim_id"],
        kit_id=saga.data["kit_id"],
        terms_digest=saga.data["terms_digest"],
        host_id=saga.data["host_id"],
        price=Money(**saga.data["price"]),
        terms=saga.data["terms"],
        brand_shares=saga.data["brand_shares"],
        royalties=saga.data["royalties"],
        subsidies={offer: Money(**held) for offer, held in saga.data["subsidies"].items()},
        requested_at=_requested_at(saga),
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
