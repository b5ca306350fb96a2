"""How a collection is shared out within a provider's terms: calls, their times, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.kernel.errors import RuleBroken
from services.payments.providers.domain.capabilities import WHOLE, Capabilities, PartyKind
from services.payments.providers.domain.orders import (
    Earlier,
    Finish,
    Kind,
    Receiver,
    RegisterParty,
    Share,
    Split,
)

FINISH_AHEAD = timedelta(days=1)


class NobodyCanCollect(RuleBroken):
    """None of the parties is a business that a provider can collect for."""

    code = "nobody-can-collect"
    hint = "Let an organisation with an account at the provider have a share."
    chinese = "各方中没有可收款的商户，无法收款分账。"


@dataclass(frozen=True, slots=True)
class Terms:
    """One collection: what is shared, since when, and until when guests may return things."""

    currency: str
    collected_at: datetime
    window_ends: datetime


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call to split, not to be made before a moment."""

    shares: tuple[Share, ...]
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One order of a plan; ``after`` are the places of steps that must have ended before.

    At ``due_by`` it is sent whether they have or not.
    """

    order: RegisterParty | Split | Finish
    not_before: datetime
    after: tuple[int, ...] = ()
    due_by: datetime | None = None
    alarm_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Where every unit of a collection goes.

    ``payee`` collects and keeps ``kept``, its own share. ``calls`` reach other receivers
    at the provider. ``elsewhere`` is what the provider's terms do not let through: the
    payee receives it too, owes it, and its receivers are paid out from the ledger.
    ``finish_by`` and ``alarm_at`` are None where the provider frees nothing by itself.
    """

    terms: Terms
    payee: Receiver
    kept: int
    registrations: tuple[Receiver, ...]
    calls: tuple[PlannedCall, ...]
    elsewhere: tuple[Share, ...]
    finish_by: datetime | None
    alarm_at: datetime | None

    @property
    def owed_by_payee(self) -> int:
        """What the payee receives and is not its own."""
        return sum(share.minor for share in self.elsewhere)

    def steps(self, collection: Earlier) -> tuple[Step, ...]:
        """The plan as orders: registrations, splits, and the end that frees the rest."""
        start = self.terms.collected_at
        first = [Step(RegisterParty(receiver=each), start) for each in self.registrations]
        known = tuple(range(len(first)))
        splits = [
            Step(
                Split(collection=collection, currency=self.terms.currency, shares=call.shares),
                call.not_before,
                known,
            )
            for call in self.calls
        ]
        before = tuple(range(len(first) + len(splits)))
        last = max((call.not_before for call in self.calls), default=start)
        end = Step(Finish(collection=collection), last, before, self.finish_by, self.alarm_at)
        return (*first, *splits, end)


def choose_payee(shares: Sequence[Share]) -> Receiver:
    """The organisation with the largest share: what it keeps needs no splitting.

    Raises ``NobodyCanCollect``. Of equals the first.
    """
    able = [share for share in shares if share.receiver.kind is PartyKind.ORGANIZATION]
    if not able:
        raise NobodyCanCollect
    return max(able, key=lambda share: share.minor).receiver


def plan_split(shares: Sequence[Share], capabilities: Capabilities, terms: Terms) -> SplitPlan:
    """Share out a collection that is the sum of ``shares`` within the provider's terms.

    Larger shares are placed first, none is cut in two, and what does not fit the ratio,
    the number of calls or the smallest share goes elsewhere. The share of whoever cannot
    give it back waits until returns are over, or goes elsewhere when the provider would
    have let the money go by then. Raises ``NobodyCanCollect``.
    """
    together = _together(shares)
    payee = choose_payee(together)
    others = [share for share in together if share.receiver != payee]
    finish_by, alarm_at = _deadlines(capabilities, terms)
    desk = _Placing(capabilities, sum(share.minor for share in together))
    elsewhere: list[Share] = []
    for share in sorted(others, key=lambda share: -share.minor):
        at = _not_before(share.receiver, capabilities, terms)
        in_time = finish_by is None or at <= finish_by
        if not (in_time and terms.currency in capabilities.currencies and desk.take(share, at)):
            elsewhere.append(share)
    placed = [share.receiver for call in desk.calls() for share in call.shares]
    return SplitPlan(
        terms=terms,
        payee=payee,
        kept=sum(share.minor for share in together if share.receiver == payee),
        registrations=tuple(placed) if capabilities.registers_receivers else (),
        calls=desk.calls(),
        elsewhere=tuple(elsewhere),
        finish_by=finish_by,
        alarm_at=alarm_at,
    )


class _Placing:
    """Fills calls one share at a time and never beyond the provider's limits."""

    def __init__(self, capabilities: Capabilities, whole: int) -> None:
        self._limits = capabilities
        self._room = whole * capabilities.largest_ratio // WHOLE
        self._calls: dict[datetime, list[list[Share]]] = {}

    def take(self, share: Share, at: datetime) -> bool:
        """Place the share in a call of that time, if everything allows it."""
        limits, calls = self._limits, self._calls.get(at, [])
        if not limits.can(Kind.SPLIT) or not limits.smallest_share <= share.minor <= self._room:
            return False
        if not calls or len(calls[-1]) == limits.receivers_per_call:
            # One call is kept for the end, which some providers count too.
            used = sum(map(len, self._calls.values())) + 1
            if limits.calls_per_order is not None and used >= limits.calls_per_order:
                return False
            calls.append([])
        calls[-1].append(share)
        self._calls[at] = calls
        self._room -= share.minor
        return True

    def calls(self) -> tuple[PlannedCall, ...]:
        """All calls, earliest first."""
        return tuple(
            PlannedCall(tuple(shares), at)
            for at, calls in sorted(self._calls.items())
            for shares in calls
        )


def _together(shares: Sequence[Share]) -> list[Share]:
    """One share for each receiver, in the order of their first; nothing for nobody."""
    sums: dict[Receiver, int] = {}
    for share in shares:
        sums[share.receiver] = sums.get(share.receiver, 0) + share.minor
    return [Share(receiver, minor) for receiver, minor in sums.items() if minor > 0]


def _not_before(receiver: Receiver, capabilities: Capabilities, terms: Terms) -> datetime:
    """When a receiver may have its share: at once only if it could be taken back all along."""
    if not capabilities.can(Kind.RETURN_SPLIT) or receiver.kind in capabilities.cannot_return:
        return max(terms.window_ends, terms.collected_at)
    within = capabilities.returns_within
    if within is not None and terms.collected_at + within < terms.window_ends:
        return terms.window_ends
    return terms.collected_at


def _deadlines(
    capabilities: Capabilities, terms: Terms
) -> tuple[datetime | None, datetime | None]:
    """When to finish at the latest, and when to tell a person that this comes near."""
    if capabilities.release_after is None:
        return None, None
    release = terms.collected_at + capabilities.release_after
    finish_by = max(terms.collected_at, release - FINISH_AHEAD)
    return finish_by, max(terms.collected_at, release - capabilities.alarms_before)
