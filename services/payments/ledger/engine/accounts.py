"""The balances of every account, and the words that the log uses by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from services.payments.ledger.engine.columns import (
    I64,
    MAX_CREDIT,
    NO_CEILING,
    U8,
    U16,
    U32,
    Entries,
    limit_rows,
    movements,
)
from services.payments.ledger.engine.flows import shape_number
from services.payments.ledger.engine.segments import OpenedAccount

Numbers = TypeVar("Numbers", U32, U16)


class Balance(NamedTuple):
    """An account's money in minor units: all of it, and what is not on hold."""

    posted: int
    available: int


class Accounts:
    """Accounts in the order of their opening, one array an attribute.

    ``promised`` is what open holds would bring in; ``version`` counts the changes of the
    limits. The arrays are longer than the accounts are many; what lies beyond ``count``
    is staged: accounts that the batch under decision would open.
    """

    def __init__(self) -> None:
        self.count = 0
        self.credit = 0  # by how much all accounts together may fall below zero
        self.has_ceilings = False
        self.names: list[tuple[str, str]] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self.currencies: list[str] = []
        self.posted: I64 = np.zeros(1024, np.int64)
        self.available: I64 = np.zeros(1024, np.int64)
        self.promised: I64 = np.zeros(1024, np.int64)
        self.floor: I64 = np.zeros(1024, np.int64)
        self.ceiling: I64 = np.full(1024, NO_CEILING, np.int64)
        self.version: U32 = np.zeros(1024, np.uint32)
        self.currency: U16 = np.zeros(1024, np.uint16)
        self.shape: U8 = np.zeros(1024, np.uint8)
        self.scratch: I64 = np.zeros(1024, np.int64)

    def stage(self, opened: Sequence[OpenedAccount]) -> int:
        """Write down what these would be; answer how many accounts there then are.

        Raises ``ValueError`` when together they could owe too much or one is open already.
        """
        total = self.count + len(opened)
        self.reserve(total)
        if self.credit + sum(credit_of(account.floor) for account in opened) > MAX_CREDIT:
            raise ValueError(f"all accounts together may owe at most {MAX_CREDIT}")
        for number, account in enumerate(opened, start=self.count):
            if (account.path, account.currency) in self.numbers:
                raise ValueError(f"{account.currency} {account.path} is open already")
            self.floor[number] = account.floor
            self.currency[number] = self._currency(account.currency)
            self.shape[number] = shape_number(account.path)
        return total

    def open(self, opened: Sequence[OpenedAccount]) -> None:
        """Open them for good."""
        self.stage(opened)
        for account in opened:
            self.numbers[account.path, account.currency] = self.count
            self.names.append((account.path, account.currency))
            self.count += 1
            self.credit += credit_of(account.floor)

    def move(self, entries: Entries) -> None:
        """Add the movements of entries; raise ``ValueError`` when they make or lose money."""
        check_numbers(entries.account, self.count)
        posted, available = movements(entries)
        sums = np.zeros(len(self.currencies) or 1, np.int64)
        np.add.at(sums, self.currency[entries.account], posted)
        if sums.any():
            raise ValueError("the postings of a segment do not add up to zero")
        np.add.at(self.posted, entries.account, posted)
        np.add.at(self.available, entries.account, available)

    def limit(self, entries: Entries) -> None:
        """Set limits as accepted entries say; raise ``ValueError`` for one out of turn."""
        for number, floor, ceiling, version in limit_rows(entries):
            if number >= self.count or version != self.version[number] + 1:
                raise ValueError(f"version {version} of the limits of account {number}")
            self.credit += credit_of(floor) - credit_of(int(self.floor[number]))
            self.floor[number], self.ceiling[number] = floor, ceiling
            self.version[number] = version
            self.has_ceilings |= ceiling != NO_CEILING

    def promise(self, account: U32, amount: I64) -> None:
        """Note what holds would bring in, or no longer would."""
        np.add.at(self.promised, account, amount)

    def balance(self, path: str, currency: str) -> Balance:
        """The balance of an account; zero while it is not open."""
        number = self.numbers.get((path, currency))
        if number is None:
            return Balance(0, 0)
        return Balance(int(self.posted[number]), int(self.available[number]))

    def trial_balance(self) -> dict[str, int]:
        """The sum of all posted balances for each currency, in exact integers."""
        sums = dict.fromkeys(self.currencies, 0)
        for (_, currency), posted in zip(self.names, self.posted.tolist(), strict=False):
            sums[currency] += posted
        return sums

    def _currency(self, code: str) -> int:
        if code not in self.currencies:
            self.currencies.append(code)
        return self.currencies.index(code)

    def reserve(self, total: int) -> None:
        """Make room for so many accounts."""
        capacity = len(self.posted)
        if total <= capacity:
            return
        more = max(capacity, total - capacity)
        for name in (
            *("posted", "available", "promised", "floor", "ceiling", "version"),
            *("currency", "shape", "scratch"),
        ):
            column = getattr(self, name)
            fresh = np.full(more, NO_CEILING if name == "ceiling" else 0, column.dtype)
            setattr(self, name, np.concatenate((column, fresh)))


class Words:
    """Words by number, counted from one: zero stands for none."""

    def __init__(self) -> None:
        self.listed: list[str] = [""]
        self.numbers: dict[str, int] = {"": 0}

    def __len__(self) -> int:
        return len(self.listed)

    def learn(self, words: Sequence[str]) -> None:
        """Number these on from the last."""
        for word in words:
            self.numbers[word] = len(self.listed)
            self.listed.append(word)


def credit_of(floor: int) -> int:
    """How far below zero an account with this floor may fall."""
    return max(0, -floor)


def check_numbers(numbers: U32 | U16, count: int) -> None:
    """Raise ``ValueError`` for a number that nothing has."""
    if len(numbers) and int(numbers.max()) >= count:
        raise ValueError(f"number {numbers.max()} of {count}")


def renumber(numbers: Numbers, *, first_new: int) -> tuple[Numbers, list[int]]:
    """Close the gaps among the numbers from ``first_new`` on.

    Answers the numbers without gaps, and which of the new ones are used, counted from
    zero, in their order.
    """
    new = numbers >= first_new
    used, position = np.unique(numbers[new], return_inverse=True)
    closed = numbers.copy()
    closed[new] = (first_new + position).astype(numbers.dtype)
    return closed, (used - first_new).astype(int).tolist()
