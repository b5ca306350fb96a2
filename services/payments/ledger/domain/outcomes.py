"""What became of an entry that was submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.payments.ledger.domain.refusals import REFUSALS


class Status(StrEnum):
    """How a submission ended."""

    POSTED = "posted"
    EXISTS = "exists"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one submitted entry.

    ``posted`` and ``exists`` both mean that it stands in the log at ``segment`` and
    ``index``, for ever, and are told to the outside in the same words. A refused one left
    no trace: its id may be used again, for the same or for something else, and is then
    ruled on by the books as they are by then. ``difference`` shows, for an id that is
    taken, each field as it is stored and as it was asked. ``account`` is one that would fall
    below its floor; empty when only entries submitted at the same time took the money.
    """

    id: str
    status: Status
    code: str = ""
    detail: str = ""
    segment: int | None = None
    index: int | None = None
    difference: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    account: str = ""

    @property
    def stands(self) -> bool:
        """Whether the entry is in the books, by this submission or an earlier one."""
        return self.status is not Status.REFUSED

    @property
    def reply(self) -> str:
        """The status as it is told: the same however often the entry was submitted."""
        return (Status.POSTED if self.stands else Status.REFUSED).value

    def or_raise(self) -> Outcome:
        """Itself when the entry stands; else raise the refusal by its name."""
        if self.stands:
            return self
        members = {"difference": self.difference} if self.difference else {}
        raise REFUSALS[self.code](self.detail, entry_id=self.id, **members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What became of the lines of a bulk call from ``start`` up to ``stop``.

    Those that are not among the ``others`` were accepted: they stand in ``segment``, each
    at its index. ``ids`` and ``indexes`` have a value for each line, in order.
    """

    start: int
    stop: int
    ids: Sequence[str]
    indexes: Sequence[int]
    segment: int | None
    others: Mapping[int, Outcome]

    def part(self, start: int, stop: int, shift: int) -> Round:
        """What became of some of the lines, their positions counted ``shift`` further on."""
        lines = slice(start - self.start, stop - self.start)
        return Round(
            start=start + shift,
            stop=stop + shift,
            ids=self.ids[lines],
            indexes=self.indexes[lines],
            segment=self.segment,
            others={
                position + shift: outcome
                for position, outcome in self.others.items()
                if start <= position < stop
            },
        )
