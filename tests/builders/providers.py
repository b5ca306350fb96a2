"""A sandbox provider, operations and payouts kept in dictionaries, and a clock to be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from chassis.kernel.decisions import Decision, NotYet
from chassis.kernel.money import Money
from services.payments.destinations.domain import (
    Destination,
    DestinationNotFound,
    DestinationState,
    Schedule,
)
from services.payments.destinations.use_cases import follow_registration
from services.payments.payouts.domain import Measure, Payout, PayoutNotFound, Purse
from services.payments.payouts.handlers import executors
from services.payments.payouts.use_cases import Counter, follow_payout
from services.payments.providers.domain import (
    Kind,
    Operation,
    Order,
    PartyKind,
    Receiver,
    RegisterParty,
    Status,
)
from services.payments.providers.use_cases import Desk
from services.payments.releases.domain import Release
from services.payments.sandbox.adapters import SandboxProvider, read_notice, write_notice
from services.payments.sandbox.domain import Entry, Fault, FaultRule
from services.payments.sandbox.use_cases import Notice
from tests.builders.payments import NOW, FakeLedger, Shelf, an_id

CNY = "CNY"
DAY = timedelta(days=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


class FakeVault:
    """``Vault`` and ``Notices`` in dictionaries."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.notices: dict[str, Notice] = {}
        self.rules: list[FaultRule] = []

    def find(self, operation_id: str) -> Entry | None:
        return self.entries.get(operation_id)

    def of_collection(self, collection_id: str) -> list[Entry]:
        def belongs(entry: Entry) -> bool:
            earlier = getattr(entry.order, "collection", None)
            return collection_id == (earlier.id if earlier else entry.id)

        return [entry for entry in self.entries.values() if belongs(entry)]

    def registered(self, accounts: Sequence[str]) -> set[str]:
        known = {
            entry.order.receiver.account
            for entry in self.entries.values()
            if isinstance(entry.order, RegisterParty)
            and entry.beats[-1].result.status is Status.SUCCEEDED
        }
        return known & set(accounts)

    def add(self, entry: Entry, notices: Sequence[Notice]) -> Entry:
        if entry.id in self.entries:
            return self.entries[entry.id]
        self.entries[entry.id] = entry
        self.notices |= {notice.id: notice for notice in notices}
        return entry

    def since(self, start: datetime) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.started_at >= start]

    def strike(self, order: Order) -> Fault | None:
        for place, rule in enumerate(self.rules):
            if rule.fits(order):
                self.rules[place] = replace(rule, times=rule.times - 1)
                self.rules = [rule for rule in self.rules if rule.times]
                return rule.fault
        return None

    def secret(self) -> bytes:
        return b"a secret of thirty-two bytes, ok"

    def due(self, now: datetime, *, limit: int) -> list[Notice]:
        found = [notice for notice in self.notices.values() if notice.due_at <= now]
        return sorted(found, key=lambda notice: notice.due_at)[:limit]

    def done(self, notice_id: str) -> None:
        self.notices.pop(notice_id)

    def postpone(self, notice_id: str, until: datetime) -> None:
        notice = self.notices[notice_id]
        self.notices[notice_id] = replace(notice, due_at=until, tries=notice.tries + 1)


class FakeOperations(Shelf):
    def find(self, operation_ids: Sequence[str]) -> dict[str, Operation]:
        return {name: self.by_id[name] for name in operation_ids if name in self.by_id}

    def due(self, now: datetime, *, limit: int) -> list[str]:
        found = [o for o in self.by_id.values() if o.next_at is not None and o.next_at <= now]
        return [o.id for o in sorted(found, key=lambda o: o.next_at)][:limit]


class FakeDestinations(Shelf):
    def active(self, organization_id: str) -> Destination | None:
        for each in self.by_id.values():
            if each.organization_id == organization_id and each.state is DestinationState.ACTIVE:
                return each
        return None


class FakePayouts(Shelf):
    def __init__(self) -> None:
        super().__init__(PayoutNotFound)
        self.closed: set[date] = set()

    def last(self, organization_id: str, currency: str) -> Payout | None:
        found = [
            payout
            for payout in self.by_id.values()
            if (payout.organization_id, payout.amount.currency) == (organization_id, currency)
        ]
        return max(found, key=lambda payout: payout.day, default=None)

    def is_closed(self, day: date) -> bool:
        return day in self.closed

    def close(self, day: date, at: datetime) -> None:
        self.closed.add(day)


class LedgerPurses:
    """What organisations have, by the fake books."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger

    def free(self, path: str) -> int:
        return self.ledger.balances[path] - self.ledger.held[path]

    def holding(self, smallest: int) -> list[Purse]:
        paths = [path for path in list(self.ledger.balances) if path.endswith(":available")]
        return [self.of(path.split(":")[1], CNY) for path in paths if self.free(path) >= smallest]

    def of(self, organization_id: str, currency: str) -> Purse:
        available, reserve, debt = (
            Money(self.free(f"org:{organization_id}:{kind}"), currency)
            for kind in ("available", "reserve", "debt")
        )
        return Purse(organization_id, available, reserve, -debt)


class NoReleases:
    def since(self, organization_id: str, currency: str, after: datetime | None) -> list[Release]:
        return []


class FixedReserve:
    def __init__(self, minor: int = 0) -> None:
        self.minor = minor

    def measure(self, organization_id: str, currency: str) -> Measure:
        return Measure(self.minor)


class FakeIntentions:
    """Intents in the order they were recorded, each once."""

    def __init__(self) -> None:
        self.open: list[tuple[str, str]] = []
        self.known: set[tuple[str, str]] = set()

    def record(self, kind: str, about: str) -> None:
        if (kind, about) not in self.known:
            self.known.add((kind, about))
            self.open.append((kind, about))


class Bank:
    """Payouts through a sandbox provider, everything in memory and nothing by itself."""

    def __init__(self, balances: dict[str, int], *, reserve: int = 0, terms: Any = None) -> None:
        self.clock = Clock()
        self.vault = FakeVault()
        self.ledger = FakeLedger(balances)
        self.intentions = FakeIntentions()
        self.destinations = FakeDestinations(DestinationNotFound)
        self.operations = FakeOperations(KeyError)
        extra = {} if terms is None else {"terms": terms}
        self.provider = SandboxProvider(self.vault, self.clock, **extra)
        self.desk = Desk(
            self.operations,
            {"sandbox": self.provider},
            {
                Kind.PAYOUT: lambda done: follow_payout(done, intentions=self.intentions),
                Kind.REGISTER: lambda done: follow_registration(
                    done, destinations=self.destinations, now=self.clock()
                ),
            },
        )
        self.counter = Counter(
            payouts=FakePayouts(),
            destinations=self.destinations,
            desk=self.desk,
            purses=LedgerPurses(self.ledger),
            releases=NoReleases(),
            reserves=FixedReserve(reserve),
            intentions=self.intentions,
        )
        self.executors = executors(self.counter, self.ledger, self.clock)

    def account_of(self, organization_id: str, account: str = "6222020000001234") -> Destination:
        """An account that the provider knows and that is paid to."""
        made = Destination(
            id=an_id("dst"),
            organization_id=organization_id,
            provider="sandbox",
            holder="Somebody",
            account=account,
            schedule=Schedule.DAILY,
            named_at=self.clock(),
        )
        self.provider.register_party(an_id("opn"), RegisterParty(receiver=made.receiver))
        before = self.destinations.active(organization_id)
        if before is not None:
            self.destinations.save(Decision(before.give_way()))
        saved = self.destinations.save(Decision(made))
        return self.destinations.save(saved.activate(at=self.clock()))

    def step(self, operation_id: str, *, dies: bool = False) -> None:
        """Carry an operation a step further, or die between the call and the record."""
        call = self.desk.take(operation_id, now=self.clock())
        if call is None:
            return
        result = self.desk.make(call)
        if not dies:
            self.desk.note(operation_id, result, now=self.clock())

    def hear(self, notice: Notice) -> None:
        """Take in a message as it would come through the door."""
        entry = self.vault.find(notice.operation_id)
        assert entry is not None
        heard = read_notice(notice.id, write_notice(entry, notice.beat))
        self.desk.note(heard.operation_id, heard.result, now=self.clock())

    def carry_out(self, place: int = 0, *, dies: bool = False) -> None:
        """Carry out one open intent, or die before it is recorded."""
        kind, about = self.intentions.open[place]
        executor = self.executors[kind]
        try:
            planned = executor.plan({"id": about})
            answered = executor.submit(planned)
        except NotYet:
            return
        if dies:
            return
        executor.record(planned, answered)
        self.intentions.open.remove((kind, about))

    def settle(self) -> None:
        """Let everything happen that is due now."""
        for _ in range(20):
            for _ in range(len(self.intentions.open)):
                self.carry_out(0)
            for operation_id in self.operations.due(self.clock(), limit=100):
                self.step(operation_id)
            for notice in self.vault.due(self.clock(), limit=100):
                self.vault.done(notice.id)
                self.hear(notice)


def a_receiver(kind: PartyKind = PartyKind.ORGANIZATION, account: str = "") -> Receiver:
    own = an_id("org")
    return Receiver(own, kind, account or own[-12:].upper())
