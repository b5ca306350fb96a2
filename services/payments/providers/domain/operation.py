"""One operation at a provider, from the intent to the end that both sides agree on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.kernel.decisions import Decision, DomainEvent, Revision
from chassis.kernel.ids import derived_id, pattern
from chassis.kernel.money import Money
from services.payments.providers.domain.capabilities import Capabilities
from services.payments.providers.domain.orders import Earlier, Kind, Order
from services.payments.providers.domain.planning import SplitPlan
from services.payments.providers.domain.refusals import OperationNotStuck
from services.payments.providers.domain.results import (
    RULED,
    Part,
    Result,
    Retry,
    Status,
    failed,
    succeeded,
)
from services.payments.providers.events import (
    OperationAlarmed,
    OperationFailed,
    OperationSucceeded,
)

OPERATION_ID = pattern("opn")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STUCK_AFTER = timedelta(days=7)
SEND_AGAIN_AFTER = (timedelta(seconds=2), timedelta(seconds=30), 5 * MINUTE, HOUR)

STUCK, AMOUNT_DIFFERS, VANISHED, TOO_LATE, RULED_OTHERWISE = (
    "stuck",
    "amount-differs",
    "vanished",
    "too-late-to-send-again",
    "ruled-otherwise",
)
RULABLE = frozenset({STUCK, VANISHED, TOO_LATE})


class State(StrEnum):
    """How far an operation is known to have come, each state further than the one before.

    UNKNOWN begins *before* the call: from then on the provider may have acted.
    """

    PLANNED = "planned"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_RANK = {state: rank for rank, state in enumerate(State)}
_STATE = {status: State(status.value) for status in Status}
_ASK_AFTER = {
    State.UNKNOWN: (5 * MINUTE, HOUR, DAY),
    State.ACCEPTED: (HOUR, DAY),
    State.SUCCEEDED: (DAY,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How a person found that an operation ended, of which its provider tells no more.

    ``outcome`` is SUCCEEDED or FAILED; ``evidence`` is where that can be seen, such as the
    provider's own number or a letter's.
    """

    outcome: State
    reason: str
    evidence: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What was asked of a provider, and the furthest that was heard of it.

    ``after`` are operations that must have ended before this is sent, or ``due_by`` come.
    ``next_at`` is when it is to be sent or asked about; None when there is nothing left
    to do. ``alarm`` says why a person is needed, empty when none is.
    """

    id: str
    provider: str
    order: Order
    about: str
    planned_at: datetime
    next_at: datetime | None
    alarm_at: datetime
    after: tuple[str, ...] = ()
    due_by: datetime | None = None
    state: State = State.PLANNED
    tries: int = 0
    asks: int = 0
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    reference: str = ""
    code: str = ""
    detail: str = ""
    retry: Retry = Retry.NEVER
    fee: Money | None = None
    parts: tuple[Part, ...] = ()
    alarm: str = ""
    ruling: Ruling | None = None
    revision: Revision = field(default=Revision())

    @property
    def kind(self) -> Kind:
        """What kind of call it is."""
        return self.order.kind

    @property
    def has_ended(self) -> bool:
        """Whether its outcome is known; a success may still be undone."""
        return self.state in {State.SUCCEEDED, State.FAILED}

    def send(self, *, at: datetime) -> Operation:
        """It is about to be sent: from here on its outcome is unknown."""
        return replace(
            self,
            state=State.UNKNOWN,
            tries=self.tries + 1,
            asks=0,
            sent_at=self.sent_at or at,
            next_at=at + _ASK_AFTER[State.UNKNOWN][0],
        )

    def may_be_sent(self, *, at: datetime, capabilities: Capabilities) -> bool:
        """Whether the provider surely knows its id, if it has ever been given it."""
        kept = capabilities.keys_kept
        return kept is None or self.sent_at is None or at - self.sent_at <= kept

    def wait(self, until: datetime) -> Operation:
        """Look again then."""
        return replace(self, next_at=until)

    def ask(self, *, at: datetime, capabilities: Capabilities) -> Operation:
        """The provider is about to be asked; the next time comes later and later.

        What waited to be sent again until it could not be is UNKNOWN once more.
        """
        state = State.UNKNOWN if self.state is State.PLANNED else self.state
        asks = self.asks + 1
        next_at = self._next(state, asks, at, capabilities)
        return replace(self, state=state, asks=asks, next_at=next_at)

    def hear(
        self, result: Result, *, at: datetime, capabilities: Capabilities
    ) -> Decision[Operation]:
        """Take in what the provider says, by whatever way and in whatever order it comes.

        Only what is further than the present state changes it, so that results commute,
        and repeating one changes nothing.
        """
        if self._contradicts(result):
            return self._alarmed(RULED_OTHERWISE, "it was ruled to have failed", at)
        if self._differs(result):
            said = result.amount.minor if result.amount else 0
            return self._alarmed(AMOUNT_DIFFERS, f"the provider says {said}", at)
        if result.may_be_sent_again:
            return self._unsent(result, at, capabilities)
        heard = _STATE[result.status]
        if _RANK[heard] <= _RANK[self.state]:
            return Decision(replace(self, reference=self.reference or result.reference))
        reached = replace(
            self,
            state=heard,
            asks=0,
            ended_at=self.ended_at or (at if heard in {State.SUCCEEDED, State.FAILED} else None),
            reference=result.reference or self.reference,
            code=result.code,
            detail=result.detail,
            retry=result.retry,
            fee=result.fee or self.fee,
            parts=result.parts or self.parts,
        )
        next_at = reached._next(heard, 0, at, capabilities)
        return Decision(replace(reached, next_at=next_at), self._facts(heard, result, at))

    def check(self, *, at: datetime) -> Decision[Operation]:
        """Call for a person when it should have ended long ago."""
        if self.has_ended or self.alarm or at < self.alarm_at:
            return Decision(self)
        return self._alarmed(STUCK, f"{self.state} since {self.planned_at.isoformat()}", at)

    def rule(self, ruling: Ruling, *, capabilities: Capabilities) -> Decision[Operation]:
        """A person says how it ended; the same again changes nothing.

        Only while it is open and called for a person by an alarm of ``RULABLE``: raises
        ``OperationNotStuck``. The alarm is over; the provider may still say otherwise.
        """
        known = self.ruling
        if known and replace(known, by=ruling.by, at=ruling.at) == ruling:
            return Decision(self)
        if self.has_ended or self.alarm not in RULABLE:
            raise OperationNotStuck(f"{self.id}: {self.state}, alarm {self.alarm or 'none'}")
        result = succeeded(self.reference)
        if ruling.outcome is State.FAILED:
            # Which speaks against nobody's account, and may be tried again another day.
            result = failed(RULED, Retry.LATER, detail=ruling.reason)
        heard = self.hear(result, at=ruling.at, capabilities=capabilities)
        return heard._replace(state=replace(heard.state, ruling=ruling, alarm=""))

    def _unsent(
        self, result: Result, at: datetime, capabilities: Capabilities
    ) -> Decision[Operation]:
        """The provider says that it did nothing."""
        if self.state is State.UNKNOWN:
            if not self.may_be_sent(at=at, capabilities=capabilities):
                return self._alarmed(TOO_LATE, result.code, at)
            wait = SEND_AGAIN_AFTER[min(self.tries, len(SEND_AGAIN_AFTER)) - 1]
            return Decision(
                replace(self, state=State.PLANNED, next_at=at + wait, code=result.code)
            )
        if self.ruling is not None:
            return Decision(self)  # that the provider knows nothing of it is why it was ruled
        if result.is_not_received and self.state is not State.PLANNED:
            return self._alarmed(VANISHED, f"it was {self.state}", at)
        return Decision(self)

    def _contradicts(self, result: Result) -> bool:
        ruled = self.ruling is not None and self.state is State.FAILED
        return ruled and self.code == RULED and result.status is Status.SUCCEEDED

    def _differs(self, result: Result) -> bool:
        asked, said = self.order.amount, result.amount
        if result.parts or asked is None or said is None:
            return False
        return result.status is Status.SUCCEEDED and said != asked

    def _next(
        self, state: State, asks: int, at: datetime, capabilities: Capabilities
    ) -> datetime | None:
        waits = _ASK_AFTER.get(state)
        if waits is None:
            return None
        soonest = at + waits[min(asks, len(waits) - 1)]
        if state is State.SUCCEEDED:
            watched = self.kind is Kind.PAYOUT and self.ended_at is not None
            until = (self.ended_at or at) + capabilities.payouts_return_within
            return soonest if watched and soonest <= until else None
        return soonest

    def _facts(self, heard: State, result: Result, at: datetime) -> tuple[DomainEvent, ...]:
        if heard is State.SUCCEEDED:
            return (
                OperationSucceeded(
                    occurred_at=at,
                    operation_id=self.id,
                    provider=self.provider,
                    kind=self.kind.value,
                    about=self.about,
                ),
            )
        if heard is State.FAILED:
            return (
                OperationFailed(
                    occurred_at=at,
                    operation_id=self.id,
                    provider=self.provider,
                    kind=self.kind.value,
                    about=self.about,
                    code=result.code,
                    had_succeeded=self.state is State.SUCCEEDED,
                ),
            )
        return ()

    def _alarmed(self, code: str, detail: str, at: datetime) -> Decision[Operation]:
        if self.alarm:
            return Decision(self)
        fact = OperationAlarmed(
            occurred_at=at,
            operation_id=self.id,
            provider=self.provider,
            kind=self.kind.value,
            about=self.about,
            code=code,
            detail=detail,
        )
        return Decision(replace(self, alarm=code), (fact,))


def intend(
    order: Order, *, operation_id: str, provider: str, about: str, at: datetime
) -> Operation:
    """Write down what will be asked, as soon as may be; nothing has left yet."""
    return Operation(
        id=operation_id,
        provider=provider,
        order=order,
        about=about,
        planned_at=at,
        next_at=at,
        alarm_at=at + STUCK_AFTER,
    )


def intend_plan(plan: SplitPlan, collection: Operation, *, at: datetime) -> tuple[Operation, ...]:
    """Write down every step of sharing out a collection; the same ids each time."""
    steps = plan.steps(Earlier(collection.id, collection.reference))
    ids = [derived_id("opn", collection.id, "step", str(place)) for place in range(len(steps))]
    return tuple(
        replace(
            intend(
                step.order,
                operation_id=own,
                provider=collection.provider,
                about=collection.about,
                at=at,
            ),
            next_at=max(at, step.not_before),
            alarm_at=step.alarm_at or max(at, step.not_before) + STUCK_AFTER,
            after=tuple(ids[place] for place in step.after),
            due_by=step.due_by,
        )
        for own, step in zip(ids, steps, strict=True)
    )
