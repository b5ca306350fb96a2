"""The books as bytes, so that a start need not read the whole log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.payments.ledger.engine.accounts import Accounts
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.holds import OpenHold
from services.payments.ledger.engine.identity import Run
from services.payments.ledger.engine.segments import Segment

FORMAT = 2
UNSAVED = frozenset({"scratch"})  # room to reckon in
RUN = "ids"


class SnapshotUnfit(Exception):
    """The bytes are not those of books as this version keeps them."""


def freeze(books: Books) -> dict[str, bytes]:
    """All that the log so far adds up to, in named parts.

    The parts whose name starts with ``ids`` hold known ids; one of a name never changes,
    so whoever has stored it need not store it again.
    """
    accounts = books.accounts
    header = {
        "format": FORMAT,
        "shape": _shape(books),
        "next_sequence": books.next_sequence,
        "head": books.head.hex(),
        "at": books.at,
        "closed_until": books.closed_until,
        "entry_count": books.entry_count,
        "credit": accounts.credit,
        "has_ceilings": accounts.has_ceilings,
        "currencies": accounts.currencies,
        "most_legs": books.holds.most_legs,
    }
    parts = {
        "header": json.dumps(header).encode(),
        "words": "\n".join(books.words.listed).encode(),
        "names": "\n".join(f"{currency} {path}" for path, currency in accounts.names).encode(),
        "holds": json.dumps([(number, *hold) for number, hold in books.holds]).encode(),
        "reversals": json.dumps(list(books.reversals)).encode(),
    }
    for name, column in _columns(accounts).items():
        parts[f"accounts.{name}"] = column[: accounts.count].tobytes()
    for run in books.ids.runs:
        name = f"{RUN}.{run.segments.min()}.{run.segments.max()}.{len(run.keys)}"
        parts[name] = run.keys.tobytes() + run.segments.tobytes()
    return parts


def thaw(market: str, parts: Mapping[str, bytes], read: Callable[[int], Segment]) -> Books:
    """The books that were frozen; raise ``SnapshotUnfit``.

    Nothing here knows whether the log has such a head: the caller has to look.
    """
    books = Books(market, read)
    try:
        _fill(books, parts)
    except (KeyError, ValueError, TypeError) as unfit:
        raise SnapshotUnfit(str(unfit)) from unfit
    return books


def _fill(books: Books, parts: Mapping[str, bytes]) -> None:
    header = json.loads(parts["header"])
    if (header["format"], header["shape"]) != (FORMAT, _shape(books)):
        raise SnapshotUnfit("of another version")
    books.next_sequence, books.head = header["next_sequence"], bytes.fromhex(header["head"])
    books.at, books.closed_until = header["at"], header["closed_until"]
    books.entry_count = header["entry_count"]
    books.words.learn(parts["words"].decode().split("\n")[1:])
    _fill_accounts(books.accounts, header, parts)
    for number, *hold in json.loads(parts["holds"]):
        values = (tuple(value) if isinstance(value, list) else value for value in hold)
        books.holds.reopen(number, OpenHold._make(values))
    books.holds.most_legs = header["most_legs"]
    for number, taken in json.loads(parts["reversals"]):
        books.reversals.restore(number, taken)
    runs = [name for name in parts if name.startswith(f"{RUN}.")]
    for name in sorted(runs, key=lambda name: int(name.split(".")[1])):
        count = int(name.rpartition(".")[2])
        keys = np.frombuffer(parts[name], np.uint64, count)
        books.ids.restore(Run(keys, np.frombuffer(parts[name], np.uint32, count, 8 * count)))


def _fill_accounts(accounts: Accounts, header: dict[str, Any], parts: Mapping[str, bytes]) -> None:
    lines = parts["names"].decode().split("\n") if parts["names"] else []
    accounts.count, accounts.credit = len(lines), header["credit"]
    accounts.has_ceilings, accounts.currencies = header["has_ceilings"], header["currencies"]
    for line in lines:
        currency, _, path = line.partition(" ")
        accounts.numbers[path, currency] = len(accounts.names)
        accounts.names.append((path, currency))
    accounts.reserve(accounts.count)
    for name, column in _columns(accounts).items():
        column[: accounts.count] = np.frombuffer(parts[f"accounts.{name}"], column.dtype)


def _columns(accounts: Accounts) -> dict[str, NDArray[Any]]:
    return {
        name: column
        for name, column in vars(accounts).items()
        if isinstance(column, np.ndarray) and name not in UNSAVED
    }


def _shape(books: Books) -> list[list[str]]:
    """What the books are made of: a snapshot of other books is of no use."""
    parts = (books, books.accounts, books.words, books.holds, books.reversals, books.ids)
    return [*(sorted(vars(part)) for part in parts), list(OpenHold._fields)]
