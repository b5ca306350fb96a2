"""From requests to columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import to_int
from services.payments.ledger.domain import (
    AccountNotInChart,
    BadLegs,
    EntryMalformed,
    EntryRequest,
    floor_of,
)
from services.payments.ledger.domain.entries import reason_bytes
from services.payments.ledger.domain.times import to_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import MAX_AMOUNT, MAX_LEGS, MAX_UNBOUNDED, Entries
from services.payments.ledger.engine.segments import Batch, OpenedAccount

_LOW = (1 << 64) - 1
_MAX_WORDS = 1 << 16


@dataclass(slots=True)
class Numbering:
    """Writes requests into columns, numbering on what the log does not know yet."""

    books: Books
    accounts: dict[tuple[str, str], int] = field(default_factory=dict)
    opened: list[OpenedAccount] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    reasons: dict[int, bytes] = field(default_factory=dict)
    rows: list[tuple[int, int, int, int, int, int, int, int, int]] = field(default_factory=list)
    legs: list[tuple[int, int]] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)

    def add(self, request: EntryRequest) -> None:
        """Write one request; raise the refusal when it does not fit into the columns."""
        if len(request.legs) > MAX_LEGS or any(
            abs(leg.minor) > MAX_AMOUNT for leg in request.legs
        ):
            raise BadLegs
        legs = [(self.account(leg.account, leg.currency), leg.minor) for leg in request.legs]
        code = self.word(request.code)
        prefix, reference = self._reference(request.reference)
        number, expires_at = to_int(request.id), to_milliseconds(request.expires_at)
        if reason := reason_bytes(request.reason):
            self.reasons[len(self.rows)] = reason
        kind, count = int(request.kind), len(legs)
        halves = (number >> 64, number & _LOW)
        about = (prefix, reference >> 64, reference & _LOW)
        self.rows.append((*halves, kind, count, code, *about, expires_at))
        self.legs.extend(legs)
        if request.pending_id is not None:
            self.pending.append(to_int(request.pending_id))

    def batch(self) -> Batch:
        """All that was written."""
        (high, low, kind, count, code, prefix, ref_high, ref_low, expires) = (
            zip(*self.rows, strict=True) if self.rows else ((),) * 9
        )
        account, amount = zip(*self.legs, strict=True) if self.legs else ((), ())
        entries = Entries.of(
            id_high=np.array(high, np.uint64),
            id_low=np.array(low, np.uint64),
            kind=np.array(kind, np.uint8),
            leg_count=np.array(count, np.uint8),
            code=np.array(code, np.uint16),
            reference_prefix=np.array(prefix, np.uint16),
            reference_high=np.array(ref_high, np.uint64),
            reference_low=np.array(ref_low, np.uint64),
            expires_at=np.array(expires, np.int64),
            account=np.array(account, np.uint32),
            amount=np.array(amount, np.int64),
            pending_high=np.array([number >> 64 for number in self.pending], np.uint64),
            pending_low=np.array([number & _LOW for number in self.pending], np.uint64),
        )
        return Batch(
            entries=entries, accounts=self.opened, words=list(self.words), reasons=self.reasons
        )

    def account(self, path: str, currency: str) -> int:
        """The number of an account, which is opened if need be; raise ``AccountNotInChart``."""
        key = (path, currency)
        number = self.books.accounts.numbers.get(key, self.accounts.get(key))
        return self._open(path, currency) if number is None else number

    def _open(self, path: str, currency: str) -> int:
        floor = floor_of(path)
        outside = sum(account.floor < 0 for account in self.opened)
        if floor < 0 and self.books.accounts.unbounded + outside >= MAX_UNBOUNDED:
            raise AccountNotInChart(f"no room for another account outside: {path}", account=path)
        number = self.books.accounts.count + len(self.opened)
        self.accounts[path, currency] = number
        self.opened.append(OpenedAccount(path, currency, floor))
        return number

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
    """A batch, the requests it holds in order, and the refusals of those it does not."""

    batch: Batch
    positions: list[int]
    refused: dict[int, DomainError]


def number(books: Books, requests: Sequence[EntryRequest]) -> Numbered:
    """Write requests into a batch that follows the books as they stand."""
    numbering, positions, refused = Numbering(books), [], {}
    for position, request in enumerate(requests):
        try:
            numbering.add(request)
        except DomainError as refusal:
            refused[position] = refusal
        else:
            positions.append(position)
    return Numbered(numbering.batch(), positions, refused)
