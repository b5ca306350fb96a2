"""The ways in which a provider may fail, as scripts of what happens when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from chassis.kernel.errors import NotFound
from chassis.kernel.money import Money
from services.payments.providers.domain import (
    RETURNED,
    Kind,
    Order,
    Result,
    Retry,
    Split,
    Status,
    accepted,
    failed,
    succeeded,
    unknown,
)
from services.payments.sandbox.domain.entries import Beat, partial

NOW, SETTLES_AFTER, RETURNS_AFTER = timedelta(0), timedelta(seconds=2), timedelta(days=1)
_ASYNCHRONOUS = frozenset({Kind.SPLIT, Kind.PAYOUT})


class FaultNotFound(NotFound):
    """No fault of the sandbox has that identifier."""

    code = "fault-not-found"
    hint = "List the faults that are set; one that was used up is gone."
    chinese = "没有这条故障设置，可能已用完，请查看列表。"


class Fault(StrEnum):
    """What goes wrong with a call, or after it."""

    TIMEOUT_THEN_SUCCESS = "timeout-then-success"
    ERROR_THEN_SUCCESS = "error-then-success"
    NEVER_RECEIVED = "never-received"
    TOO_MANY_REQUESTS = "too-many-requests"
    REFUSED = "refused"
    DUPLICATES = "duplicates"
    OUT_OF_ORDER = "out-of-order"
    LOST = "lost"
    EARLY = "early"
    PARTIAL = "partial"
    VANISHES = "vanishes"
    RETURNED_AFTER_PAID = "returned-after-paid"
    WRONG_AMOUNT = "wrong-amount"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault for the next ``times`` calls, of one kind or to one party where these are named."""

    id: str
    fault: Fault
    kind: Kind | None
    party_id: str | None
    times: int

    def fits(self, order: Order) -> bool:
        """Whether a call is one of those that are to fail."""
        receiver = getattr(order, "receiver", None)
        of_kind = self.kind is None or self.kind is order.kind
        return of_kind and (
            self.party_id is None or self.party_id == getattr(receiver, "party_id", None)
        )


@dataclass(frozen=True, slots=True)
class Script:
    """What a call leads to.

    ``beats`` are empty when the provider never took it in. ``notices`` are messages: how
    long after the call, and which beat they tell of.
    """

    answer: Result
    beats: tuple[Beat, ...] = ()
    notices: tuple[tuple[timedelta, int], ...] = ()
    is_forgotten: bool = False


def script_of(order: Order, fault: Fault | None) -> Script:
    """What becomes of an order that the provider's rules allow.

    A fault that makes no sense for the order (half of a payout) changes nothing.
    """
    usual = _usual(order)
    return usual if fault is None else _SCRIPTS[fault](order, usual)


def refusal(code: str, retry: Retry = Retry.NEVER) -> Script:
    """Taken in, and refused at once."""
    said = failed(code, retry)
    return Script(said, (Beat(NOW, said),))


def _usual(order: Order) -> Script:
    done = succeeded(amount=order.amount)
    if isinstance(order, Split):
        done = replace(done, parts=partial(order, frozenset(), ""))
    if order.kind not in _ASYNCHRONOUS:
        return Script(done, (Beat(NOW, done),))
    beats = (Beat(NOW, accepted()), Beat(SETTLES_AFTER, done))
    return Script(accepted(), beats, ((SETTLES_AFTER, 1),))


def _silent(answer: Result) -> Callable[[Order, Script], Script]:
    """Done all the same, but the answer never came and nothing is told."""
    return lambda _order, usual: replace(usual, answer=answer, notices=())


def _backwards(_order: Order, usual: Script) -> Script:
    """The end is told first, and the beginning after it."""
    last = len(usual.beats) - 1
    told = usual.beats[last].after
    notices = [(told + timedelta(seconds=last - n), n) for n in range(last, -1, -1)]
    return replace(usual, notices=tuple(notices))


def _early(_order: Order, usual: Script) -> Script:
    """The message is there before the answer to the call can be read."""
    at_once = replace(usual.beats[-1], after=NOW)
    return Script(unknown("slow"), (at_once,), ((NOW, 0),))


def _partial(order: Order, usual: Script) -> Script:
    """Every other receiver gets nothing."""
    if not isinstance(order, Split):
        return usual
    half = frozenset(share.receiver.party_id for share in order.shares[::2])
    parts = partial(order, half, "receiver-high-risk")
    end = replace(usual.beats[-1], result=Result(status=Status.SUCCEEDED, parts=parts))
    return replace(usual, beats=(*usual.beats[:-1], end))


def _returned(_order: Order, usual: Script) -> Script:
    """A day after it was paid, it comes back."""
    after = usual.beats[-1].after + RETURNS_AFTER
    back = Beat(after, failed(RETURNED, Retry.CHANGED))
    notices = (*usual.notices, (after, len(usual.beats)))
    return replace(usual, beats=(*usual.beats, back), notices=notices)


def _wrong(order: Order, usual: Script) -> Script:
    """One unit more than was asked."""
    if order.amount is None:
        return usual
    more = succeeded(amount=order.amount + Money(1, order.amount.currency))
    return replace(usual, beats=(*usual.beats[:-1], replace(usual.beats[-1], result=more)))


_VANISHING = Script(succeeded(), (Beat(NOW, succeeded()),), ((NOW, 0),), is_forgotten=True)
_SCRIPTS: Mapping[Fault, Callable[[Order, Script], Script]] = {
    Fault.TIMEOUT_THEN_SUCCESS: _silent(unknown("timeout")),
    Fault.ERROR_THEN_SUCCESS: _silent(unknown("500")),
    Fault.NEVER_RECEIVED: lambda _order, _usual: Script(unknown("timeout")),
    Fault.TOO_MANY_REQUESTS: lambda _order, _usual: Script(
        failed("too-many-requests", Retry.SOON)
    ),
    Fault.REFUSED: lambda _order, _usual: refusal("account-closed", Retry.CHANGED),
    Fault.DUPLICATES: lambda _order, usual: replace(usual, notices=usual.notices * 3),
    Fault.OUT_OF_ORDER: _backwards,
    Fault.LOST: lambda _order, usual: replace(usual, notices=()),
    Fault.EARLY: _early,
    Fault.PARTIAL: _partial,
    Fault.VANISHES: lambda _order, _usual: _VANISHING,
    Fault.RETURNED_AFTER_PAID: _returned,
    Fault.WRONG_AMOUNT: _wrong,
}
