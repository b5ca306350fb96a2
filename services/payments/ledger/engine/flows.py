"""Which ways money may never go: a table of kinds of accounts, and entries held against it."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, combinations

import numpy as np

from services.payments.ledger.engine.columns import U8, U16, Entries, Flags, Kind

FORBIDDEN: frozenset[tuple[str, str]] = frozenset(
    {
        # What comes from outside is shared out by a contract before anybody earns a fee of it.
        ("external", "platform:fees"),
        ("offer:fund", "platform:fees"),
        ("platform:returns", "platform:fees"),
        ("cause", "platform:fees"),
        # A reserve is filled from what its owner has, and freed to its owner before it leaves.
        ("external", "org:reserve"),
        ("org:reserve", "external"),
        # A subsidy leaves escrow by a settlement, or back to its fund.
        ("claim:escrow", "external"),
        # What guests paid is not a brand's subsidy, nor its naming rights.
        ("gathering:takings", "offer:fund"),
        ("gathering:takings", "claim:escrow"),
        ("gathering:takings", "naming:deferred"),
    }
)
"""From the first kind of account to the second no entry moves money, whoever asks."""

_WATCHED = sorted(set(chain.from_iterable(FORBIDDEN)))
_NUMBERS = {shape: number for number, shape in enumerate(_WATCHED, start=1)}
# By shape number: the bits of the shapes that it must not flow to.
_BARRED = np.zeros(len(_WATCHED) + 1, np.uint32)
for _source, _target in FORBIDDEN:
    _BARRED[_NUMBERS[_source]] |= np.uint32(1 << _NUMBERS[_target])
_SOURCES = np.flatnonzero(_BARRED).tolist()


def shape_of(path: str) -> str:
    """A path without whose it is: ``org:reserve``, ``platform:fees``, ``external``."""
    parts = path.split(":")
    return f"{parts[0]}:{parts[-1]}" if parts[0] not in {"external", "cause"} else parts[0]


def shape_number(path: str) -> int:
    """The number of a path's shape; zero when no rule names it."""
    return _NUMBERS.get(shape_of(path), 0)


def forbidden(entries: Entries, shape: U8, currency: U16) -> Flags:
    """Entries whose money cannot be laid out without a forbidden flow.

    ``shape`` and ``currency`` are those of each account. An entry with many legs is fine
    when its outgoing legs can pay its incoming ones in some way that the table allows.
    Reversals are exempt: they only take back. Legs that are brought in by holds were
    looked at when the hold was placed.
    """
    barred = np.zeros(len(entries), np.bool_)
    of_leg = shape[entries.account]
    if not of_leg.any() or not (_BARRED[of_leg] * (entries.amount < 0)).any():
        return barred
    counts = entries.counts()
    looked_at = np.flatnonzero((entries.kind <= Kind.HOLD) & (counts > 0))
    starts = (np.cumsum(counts) - counts)[looked_at]
    bits = np.uint32(1) << of_leg.astype(np.uint32)
    # Kinds without legs lie in no slice; those with other kinds' legs only widen one.
    out = _joined(np.where(entries.amount < 0, bits, np.uint32(0)), starts)
    into = _joined(np.where(entries.amount > 0, bits, np.uint32(0)), starts)
    suspect = np.zeros(len(looked_at), np.bool_)
    for source in _SOURCES:
        suspect |= ((out >> np.uint32(source)) & 1 == 1) & (into & _BARRED[source] != 0)
    for position, start in zip(looked_at[suspect].tolist(), starts[suspect].tolist(), strict=True):
        legs = slice(start, start + int(counts[position]))
        barred[position] = not _can_be_laid_out(
            of_leg[legs].tolist(),
            currency[entries.account[legs]].tolist(),
            entries.amount[legs].tolist(),
        )
    return barred


def _joined(bits: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return np.bitwise_or.reduceat(bits, starts) if len(starts) else bits[:0]


def _can_be_laid_out(shapes: list[int], currencies: list[int], amounts: list[int]) -> bool:
    """Whether in each currency every group of sources finds targets for all of its money.

    Hall's marriage theorem, on sums by shape: there are few shapes in one entry.
    """
    for currency in set(currencies):
        out: defaultdict[int, int] = defaultdict(int)
        into: defaultdict[int, int] = defaultdict(int)
        for shape, of, minor in zip(shapes, currencies, amounts, strict=True):
            if of == currency:
                (out if minor < 0 else into)[shape] += abs(minor)
        for count in range(1, len(out) + 1):
            for group in combinations(out, count):
                open_to = sum(
                    minor
                    for target, minor in into.items()
                    if any(not int(_BARRED[source]) >> target & 1 for source in group)
                )
                if open_to < sum(out[source] for source in group):
                    return False
    return True
