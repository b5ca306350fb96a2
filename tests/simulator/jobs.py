"""What payments is told, and the steps in which it acts: a process may die between any two.

Each job walks as its handler does in production: plan in a transaction, book, record in a
transaction. It pauses wherever another process may come in between.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from services.payments.contracts.use_cases import Contracts
from services.payments.escrow.use_cases import (
    Escrows,
    PlaceHold,
    ReleaseHold,
    book_confirmed,
    book_holds,
    book_releases,
    record_confirmed,
    record_holds,
    record_releases,
)
from services.payments.funds.domain import Deposit
from services.payments.funds.use_cases import OfferFunds
from services.payments.ledger.use_cases import Ledger
from services.payments.royalties.use_cases import CloseHold, OpenHold, close_hold, open_hold
from services.payments.sales.use_cases import RecordSale, book_sales, record_sales
from services.payments.settlements.use_cases import (
    Books,
    CancelGathering,
    RefundSale,
    SettleGathering,
    book_cancelling,
    book_refund,
    book_settling,
    plan_cancelling,
    plan_refund,
    plan_settling,
    record_cancelling,
    record_refund,
    record_settling,
)
from tests.simulator.documents import Documents

Walk = Generator[None, None, None]
ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """What one process works with: the shared documents, and its own way to the books."""

    documents: Documents
    ledger: Ledger
    now: Callable[[], datetime]

    @property
    def books(self) -> Books:
        """The documents with this process's ledger among them."""
        return replace(self.documents.books, ledger=self.ledger)

    @property
    def escrows(self) -> Escrows:
        """The escrows."""
        return self.books.escrows

    @property
    def contracts(self) -> Contracts:
        """The frozen contracts."""
        return self.books.contracts


@dataclass(frozen=True)
class Job:
    """A command or fact on its way, and how it is done.

    What is ``about`` the same comes one after the other, as one partition gives it out. It
    comes for the first time when all that it is ``after`` has been done and ``not_before`` has
    come, and again at any time. Once the subsidy of ``claim_id`` was refused, nobody asks for
    it any more. What ``recurs`` is no message but work that there may be again.
    """

    name: str
    about: str
    walk: Callable[[Desk], Walk]
    after: tuple[str, ...] = ()
    claim_id: str = ""
    not_before: datetime = ALWAYS
    recurs: bool = False


def deposit(money: Deposit) -> Callable[[Desk], Walk]:
    """Money arrived for an offer."""

    def walk(desk: Desk) -> Walk:
        yield
        desk.ledger.submit([money.entry()])[0].or_raise()

    return walk


def place(command: PlaceHold, funds: OfferFunds) -> Callable[[Desk], Walk]:
    """A claim wants its subsidy set aside."""

    def walk(desk: Desk) -> Walk:
        outcomes = book_holds([command], escrows=desk.escrows, funds=funds, ledger=desk.ledger)
        yield
        with desk.documents.transaction():
            record_holds(
                [command],
                outcomes,
                escrows=desk.escrows,
                contracts=desk.contracts,
                now=desk.now(),
            )

    return walk


def confirm(claim_id: str) -> Callable[[Desk], Walk]:
    """The claim was confirmed."""

    def walk(desk: Desk) -> Walk:
        outcomes = book_confirmed([claim_id], escrows=desk.escrows, ledger=desk.ledger)
        yield
        with desk.documents.transaction():
            record_confirmed([claim_id], outcomes, escrows=desk.escrows)

    return walk


def let_go(command: ReleaseHold) -> Callable[[Desk], Walk]:
    """The claim came to nothing."""

    def walk(desk: Desk) -> Walk:
        book_releases([command], escrows=desk.escrows, ledger=desk.ledger)
        yield
        with desk.documents.transaction():
            record_releases([command], escrows=desk.escrows, now=desk.now())

    return walk


def sell(command: RecordSale) -> Callable[[Desk], Walk]:
    """A guest bought something."""

    def walk(desk: Desk) -> Walk:
        book_sales([command], ledger=desk.ledger)
        yield
        with desk.documents.transaction():
            record_sales([command], sales=desk.books.sales)

    return walk


def close(gathering_id: str) -> Callable[[Desk], Walk]:
    """The gathering makes no more sales."""

    def walk(desk: Desk) -> Walk:
        yield
        with desk.documents.transaction():
            desk.books.sales.close(gathering_id)

    return walk


def open_copy_claim(command: OpenHold) -> Callable[[Desk], Walk]:
    """Somebody calls a version a copy."""

    def walk(desk: Desk) -> Walk:
        yield
        with desk.documents.transaction():
            open_hold(command, royalties=desk.books.royalties)

    return walk


def rule(command: CloseHold) -> Callable[[Desk], Walk]:
    """It was ruled on."""

    def walk(desk: Desk) -> Walk:
        yield
        documents = desk.documents
        with documents.transaction():
            close_hold(command, royalties=documents.books.royalties, intentions=documents.intents)

    return walk


def settle(command: SettleGathering) -> Callable[[Desk], Walk]:
    """Everybody is to be paid."""
    return _intent(
        lambda desk: plan_settling(command, books=desk.books, now=desk.now()),
        lambda desk, planned: book_settling(planned, books=desk.books),
        lambda desk, planned: record_settling(planned, books=desk.books, now=desk.now()),
    )


def refund(command: RefundSale) -> Callable[[Desk], Walk]:
    """A guest gets money back."""
    return _intent(
        lambda desk: plan_refund(command, books=desk.books),
        lambda desk, planned: book_refund(planned, books=desk.books),
        lambda desk, planned: record_refund(planned, books=desk.books, now=desk.now()),
    )


def cancel(command: CancelGathering) -> Callable[[Desk], Walk]:
    """The gathering is off, and all its money goes back."""
    return _intent(
        lambda desk: plan_cancelling(command, books=desk.books),
        lambda desk, planned: book_cancelling(planned, books=desk.books),
        lambda desk, planned: record_cancelling(planned, books=desk.books, now=desk.now()),
    )


def _intent(
    plan: Callable[[Desk], Any],
    submit: Callable[[Desk, Any], None],
    record: Callable[[Desk, Any], None],
) -> Callable[[Desk], Walk]:
    def walk(desk: Desk) -> Walk:
        with desk.documents.transaction():
            planned = plan(desk)
        yield
        submit(desk, planned)
        yield
        with desk.documents.transaction():
            record(desk, planned)

    return walk
