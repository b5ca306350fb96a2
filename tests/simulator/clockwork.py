"""What payments does by itself as time passes, each walked as its task does in production."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chassis.dispatcher import Executor
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.debts.domain import Debt, payers_of
from services.payments.debts.use_cases import recover_debts
from services.payments.ledger.domain import available_of, debt_of
from services.payments.payouts.domain import Purse
from services.payments.payouts.handlers import executors as payout_executors
from services.payments.payouts.use_cases import Counter, follow_payout, plan_payout
from services.payments.providers.domain import Kind, RegisterParty
from services.payments.providers.use_cases import Desk as ProviderDesk
from services.payments.releases.domain import day_of, terms_at
from services.payments.releases.handlers import release_executor
from services.payments.releases.use_cases import RELEASE, plan_release
from services.payments.royalties.handlers import release_executor as royalties_executor
from services.payments.royalties.use_cases import RELEASE as RELEASE_ROYALTIES
from services.payments.sandbox.adapters import SandboxProvider, read_notice, write_notice
from services.payments.sandbox.use_cases import Notice
from tests.builders.providers import CNY, FakeVault, FixedReserve
from tests.simulator.jobs import Desk, Job, Walk
from tests.simulator.season import Season
from tests.unit.payments.ledger.books import MovableClock

SOME = 10


class Figures:
    """``Purses`` and ``Debts`` by the books of one process, which may be behind."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def holding(self, smallest: int) -> list[Purse]:
        raise NotImplementedError  # one purse at a time is decided here

    def of(self, organization_id: str, currency: str) -> Purse:
        posted = self._desk.ledger.balance(debt_of(organization_id))[0]
        return Purse(
            organization_id,
            Money(self._desk.ledger.balance(available_of(organization_id))[1], currency),
            Money(self._desk.ledger.balance(f"org:{organization_id}:reserve")[1], currency),
            Money(-posted, currency),
        )

    def payable(self) -> list[Debt]:
        ledger, found = self._desk.ledger, []
        for number, (path, currency) in enumerate(ledger.books.accounts.names):
            owed = -int(ledger.books.accounts.posted[number])
            if not path.endswith(":debt") or owed <= 0:
                continue
            who = path.split(":")[-2]
            free = {payer: ledger.balance(payer)[1] for payer in payers_of(who)}
            payer = next((payer for payer, minor in free.items() if minor > 0), None)
            if payer is not None:
                money = Money(owed, currency), payer, Money(free[payer], currency)
                found.append(Debt(who, *money, _entries_of(ledger.books, number)))
        return found


def _entries_of(books: object, number: int) -> int:
    """How many entries of the log have moved an account."""
    logged = (books.read(sequence).entries for sequence in range(books.next_sequence))
    return sum(len(np.unique(e.owners()[e.account == number])) for e in logged)


class Outside:
    """The provider, of which no backup of ours holds anything, and its messages to us."""

    def __init__(self, clock: MovableClock, season: Season) -> None:
        self.vault, self.heard, self._reserve = FakeVault(), [], season.reserve
        self.provider = SandboxProvider(self.vault, clock)
        for each in season.destinations:
            known = derived_id("opn", each.id, "register")
            self.provider.register_party(known, RegisterParty(receiver=each.receiver))
        self.vault.rules = list(season.faults)

    def lose(self, choice: int) -> None:
        """One message of those on their way never comes."""
        if self.vault.notices:
            names = list(self.vault.notices)
            self.vault.done(names[choice % len(names)])

    def counter(self, desk: Desk) -> Counter:
        """What payouts are made from."""
        documents, figures = desk.documents, Figures(desk)

        def follow(operation: object) -> None:
            follow_payout(operation, intentions=documents.intents)

        providers = {self.provider.name: self.provider}
        return Counter(
            payouts=documents.payouts,
            destinations=documents.destinations,
            desk=ProviderDesk(documents.operations, providers, {Kind.PAYOUT: follow}),
            purses=figures,
            releases=documents.releases,
            reserves=FixedReserve(self._reserve),
            intentions=documents.intents,
        )

    def executors(self, desk: Desk) -> dict[str, Executor]:
        """How each intent is carried out."""
        documents, ledger, now = desk.documents, desk.ledger, desk.now
        royalties, pending = documents.books.royalties, documents.books.pending
        return {
            **payout_executors(self.counter(desk), ledger, now),
            RELEASE: release_executor(documents.releases, ledger, now),
            RELEASE_ROYALTIES: royalties_executor(royalties, pending, ledger, now),
        }


def due(desk: Desk, outside: Outside) -> Iterator[Job]:
    """What there is to be done just now, by whoever comes to it; again after that."""
    documents, now = desk.documents, desk.now()
    for kind, about in documents.intents.open():
        yield _task(f"{kind}:{about}", _carry_out(kind, about, outside))
    for operation_id in documents.operations.due(now, limit=SOME):
        yield _task(f"operation:{operation_id}", _further(operation_id, outside))
    for notice in outside.vault.due(now, limit=SOME):
        yield _task(f"hear:{notice.id}", _hear(notice, outside))
    for who, currency in documents.books.pending.owners_due(now, limit=SOME):
        yield _task(f"release:{who}", _release(who, currency))
    for destination in documents.destinations.by_id.values():
        who = destination.organization_id
        if _is_to_be_paid(who, desk):
            yield _task(f"pay-out:{who}", _pay_out(who, outside))
    if Figures(desk).payable():
        yield _task("recover-debts", _recover_debts)


def again(outside: Outside) -> list[Job]:
    """What the provider told before."""
    return [_task(f"hear:{notice.id}", _hear(notice, outside)) for notice in outside.heard]


def _task(name: str, walk: Callable[[Desk], Walk]) -> Job:
    return Job(name, name, walk, recurs=True)


def _carry_out(kind: str, about: str, outside: Outside) -> Callable[[Desk], Walk]:
    def walk(desk: Desk) -> Walk:
        executor = outside.executors(desk)[kind]
        with desk.documents.transaction():
            planned = executor.plan({"id": about})
        yield
        answered = executor.submit(planned)
        yield
        with desk.documents.transaction():
            executor.record(planned, answered)
            desk.documents.intents.finish(kind, about)

    return walk


def _further(operation_id: str, outside: Outside) -> Callable[[Desk], Walk]:
    def walk(desk: Desk) -> Walk:
        janitor = outside.counter(desk).desk
        with desk.documents.transaction():
            call = janitor.take(operation_id, now=desk.now())
        if call is None:
            return
        yield
        result = janitor.make(call)
        yield
        with desk.documents.transaction():
            janitor.note(operation_id, result, now=desk.now())

    return walk


def _hear(notice: Notice, outside: Outside) -> Callable[[Desk], Walk]:
    def walk(desk: Desk) -> Walk:
        entry = outside.vault.find(notice.operation_id)
        heard = read_notice(notice.id, write_notice(entry, notice.beat))
        yield
        with desk.documents.transaction():
            janitor = outside.counter(desk).desk
            janitor.note(heard.operation_id, heard.result, now=desk.now())
        if notice.id in outside.vault.notices:
            outside.vault.done(notice.id)
            outside.heard.append(notice)

    return walk


def _release(organization_id: str, currency: str) -> Callable[[Desk], Walk]:
    def walk(desk: Desk) -> Walk:
        yield
        documents = desk.documents
        with documents.transaction():
            plan_release(
                organization_id,
                currency,
                shares=documents.books.pending,
                releases=documents.releases,
                intentions=documents.intents,
                now=desk.now(),
            )

    return walk


def _is_to_be_paid(organization_id: str, desk: Desk) -> bool:
    now, documents = desk.now(), desk.documents
    last = documents.payouts.last(organization_id, CNY)
    is_time = now >= terms_at(now).leaves_at(day_of(now))
    smallest = terms_at(now).minimum_minor
    return (
        is_time
        and (last is None or last.day < day_of(now))
        and documents.destinations.active(organization_id) is not None
        and desk.ledger.balance(available_of(organization_id))[1] >= smallest
    )


def _pay_out(organization_id: str, outside: Outside) -> Callable[[Desk], Walk]:
    def walk(desk: Desk) -> Walk:
        now, counter = desk.now(), outside.counter(desk)
        purse = counter.purses.of(organization_id, CNY)
        yield
        with desk.documents.transaction():
            plan_payout(purse, day_of(now), terms_at(now), counter=counter, now=now)

    return walk


def _recover_debts(desk: Desk) -> Walk:
    found = Figures(desk).payable()

    class Seen:
        def payable(self) -> list[Debt]:
            return found

    yield
    recover_debts(Seen(), desk.ledger)
