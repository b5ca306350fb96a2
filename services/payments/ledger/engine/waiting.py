"""Which entries of a batch have to wait for what becomes of earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from services.payments.ledger.engine.chains import unit_start, unit_starts
from services.payments.ledger.engine.columns import I64, Entries, Kind, wide
from services.payments.ledger.engine.identity import twins

ANY_LIMITS = -1


def before_waiting(entries: Entries, units: I64 | None, known: Collection[int]) -> int:
    """How many entries can be ruled on now: whole chains, at least the first unit.

    The rest waits for the next segment. An entry waits when it would read what an
    earlier one of another unit may yet come to nothing over: the second use of an id
    that the log does not have (``known`` are the positions it has); what names a hold or
    an entry that an earlier chain or reversal is about; the second unit that sets limits;
    what follows the closing of a period, and that itself.
    """
    if not len(entries):
        return 0
    cuts = [
        *(at for at in _second_uses(entries, known) if unit_start(units, at) > 0),
        *_dependents(entries, units),
    ]
    return min((unit_start(units, cut) for cut in cuts), default=len(entries))


def _second_uses(entries: Entries, known: Collection[int]) -> Iterator[int]:
    return (at for at in twins(entries.id_high, entries.id_low) if at not in known)


def _dependents(entries: Entries, units: I64 | None) -> Iterator[int]:
    """The first entry that reads what an earlier unit leaves uncertain."""
    if units is None and int(entries.kind.max()) <= Kind.EXTEND:
        return
    kinds, numbers = entries.kind.tolist(), entries.numbers()
    pending = wide(entries.pending_high, entries.pending_low)
    named = dict(zip(entries.naming().tolist(), pending, strict=True))
    starts, chained = unit_starts(units, len(entries))
    certain: dict[int, int] = {}
    uncertain: dict[int, int] = {}
    for position, kind in enumerate(kinds):
        start, in_chain = starts[position], chained[position]
        if kind == Kind.CLOSE and not in_chain:
            if len(kinds) > 1:
                yield max(position, 1)
            return
        about = ANY_LIMITS if kind == Kind.LIMIT else named.get(position)
        looks_far = in_chain or kind == Kind.REVERSE
        if about is not None:
            met = uncertain.get(about, certain.get(about, start) if looks_far else start)
            if met != start:
                yield position
                return
        (uncertain if in_chain else certain)[numbers[position]] = start
        if about is not None and (looks_far or kind == Kind.LIMIT):
            uncertain[about] = start
