"""From requests to columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import to_int
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    AccountNotInChart,
    BadLegs,
    EntryMalformed,
    EntryRequest,
    ExceedsOriginal,
    Limits,
    floor_of,
)
from services.payments.ledger.domain.entries import reason_bytes
from services.payments.ledger.domain.times import to_milliseconds
from services.payments.ledger.engine.accounts import credit_of
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import (
    COLUMNS,
    LIMIT_COLUMNS,
    MAX_AMOUNT,
    MAX_CREDIT,
    MAX_LEGS,
    NAMING_COLUMNS,
    NO_CEILING,
    Entries,
    Flag,
    Kind,
)
from services.payments.ledger.engine.reversals import in_part
from services.payments.ledger.engine.segments import Batch, OpenedAccount

_LOW = (1 << 64) - 1
_LINKED, _KEEPS_REST = int(Flag.LINKED), int(Flag.KEEPS_REST)
_MAX_WORDS = 1 << 16
ROW = (
    *("id_high", "id_low", "kind", "leg_count", "flags", "code"),
    *("reference_prefix", "reference_high", "reference_low", "expires_at", "effective_at"),
)


@dataclass(slots=True)
class Numbering:
    """Writes requests into columns, numbering on what the log does not know yet."""

    books: Books
    accounts: dict[tuple[str, str], int] = field(default_factory=dict)
    opened: list[OpenedAccount] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    reasons: dict[int, bytes] = field(default_factory=dict)
    rows: list[tuple[int, ...]] = field(default_factory=list)
    legs: list[tuple[int, int]] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    limits: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, request: EntryRequest) -> None:
        """Write one request; raise the refusal when it does not fit into the columns."""
        if len(request.legs) > MAX_LEGS or any(
            abs(leg.minor) > MAX_AMOUNT for leg in request.legs
        ):
            raise BadLegs
        legs = [(self.account(leg.account, leg.currency), leg.minor) for leg in request.legs]
        if request.part is not None:
            legs = self._part(request, request.part)
        limits = None if request.limits is None else self._limits(request.limits)
        code = self.word(request.code)
        prefix, reference = self._reference(request.reference)
        about = (prefix, reference >> 64, reference & _LOW)
        times = (to_milliseconds(request.expires_at), to_milliseconds(request.effective_at))
        if reason := reason_bytes(request.reason):
            self.reasons[len(self.rows)] = reason
        self._write(request, request.kind, len(legs), (code, *about, *times))
        self.legs.extend(legs)
        if limits is not None:
            self.limits.append(limits)
        if request.pending_id is not None:
            self.pending.append(to_int(request.pending_id))

    def add_refused(self, request: EntryRequest) -> None:
        """Write a stand-in that is refused, so that the chain it is in is refused as well."""
        self._write(request, Kind.PLAIN, 0, (0, 0, 0, 0, 0, 0))

    def batch(self) -> Batch:
        """All that was written."""
        columns = _columns(self.rows, ROW)
        columns |= _columns(self.legs, ("account", "amount"))
        columns |= _columns(self.limits, tuple(LIMIT_COLUMNS))
        halves = [(number >> 64, number & _LOW) for number in self.pending]
        columns |= _columns(halves, tuple(NAMING_COLUMNS))
        return Batch(
            entries=Entries.of(**columns),
            accounts=self.opened,
            words=list(self.words),
            reasons=self.reasons,
        )

    def _write(
        self, request: EntryRequest, kind: Kind, legs: int, others: tuple[int, ...]
    ) -> None:
        number = to_int(request.id)
        flags = request.linked * _LINKED | (not request.final) * _KEEPS_REST
        self.rows.append((number >> 64, number & _LOW, int(kind), legs, flags, *others))

    def _part(self, request: EntryRequest, part: Money) -> list[tuple[int, int]]:
        """The legs of a reversal in part, as things stand; those it has, if it is booked."""
        booked, pending = self.books.find(to_int(request.id)), to_int(request.pending_id or "")
        if booked is not None:
            legs = list(zip(booked.accounts, booked.amounts, strict=True))
            back = sum(-minor for account, minor in legs if minor < 0 and self._is(account, part))
            # Legs that move nothing are no legs of its own: a conflict.
            return legs if back == part.minor else [(account, 0) for account, _ in legs]
        found = self.books.find(pending)
        if found is None:
            return []  # refused as not found
        original = self.books.reversals.original(found)
        chosen = [self._is(account, part) for account in original.accounts]
        try:
            minors = in_part(
                part.minor,
                [minor * mine for minor, mine in zip(original.amounts, chosen, strict=True)],
                [left * mine for left, mine in zip(original.rest, chosen, strict=True)],
            )
        except ValueError as too_much:
            raise ExceedsOriginal(f"{request.pending_id}: {part} is not left") from too_much
        return list(zip(original.accounts, minors, strict=True))

    def _is(self, account: int, part: Money) -> bool:
        return self.books.accounts.names[account][1] == part.currency

    def _limits(self, limits: Limits) -> tuple[int, int, int, int]:
        number = self.account(limits.account, limits.currency)
        floor = floor_of(limits.account) if limits.floor is None else limits.floor
        ceiling = NO_CEILING if limits.ceiling is None else limits.ceiling
        return number, floor, ceiling, limits.version

    def account(self, path: str, currency: str) -> int:
        """The number of an account, which is opened if need be; raise ``AccountNotInChart``."""
        key = (path, currency)
        number = self.books.accounts.numbers.get(key, self.accounts.get(key))
        return self._open(path, currency) if number is None else number

    def _open(self, path: str, currency: str) -> int:
        floor = floor_of(path)
        if floor < 0 and self._credit() + credit_of(floor) > MAX_CREDIT:
            raise AccountNotInChart(f"no room for another account outside: {path}", account=path)
        number = self.books.accounts.count + len(self.opened)
        self.accounts[path, currency] = number
        self.opened.append(OpenedAccount(path, currency, floor))
        return number

    def _credit(self) -> int:
        owed = sum(credit_of(account.floor) for account in self.opened)
        return self.books.accounts.credit + owed

    def word(self, word: str) -> int:
        """The number of a word; raise ``EntryMalformed`` when there is no room for a new one."""
        number = self.books.words.numbers.get(word, self.words.get(word))
        if number is None:
            number = len(self.books.words) + len(self.words)
            if number >= _MAX_WORDS:
                raise EntryMalformed(f"no room for another word: {word}", field="code")
            self.words[word] = number
        return number

    def _reference(self, reference: str | None) -> tuple[int, int]:
        if reference is None:
            return 0, 0
        return self.word(reference.rpartition("_")[0]), to_int(reference)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch of one entry for each request, and the requests refused before it is ruled on."""

    batch: Batch
    refused: dict[int, DomainError]


def number(books: Books, requests: Sequence[EntryRequest]) -> Numbered:
    """Write requests into a batch that follows the books as they stand."""
    numbering, refused = Numbering(books), {}
    for position, request in enumerate(requests):
        try:
            numbering.add(request)
        except DomainError as refusal:
            refused[position] = refusal
            numbering.add_refused(request)
    return Numbered(numbering.batch(), refused)


def _columns(rows: Sequence[tuple[int, ...]], names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    values = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {
        name: np.array(column, COLUMNS[name]) for name, column in zip(names, values, strict=True)
    }
