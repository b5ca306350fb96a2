"""The ports of the books: how entries are submitted, and where the log is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chassis.kernel.errors import Forbidden
from services.payments.ledger.domain import (
    EntryRequest,
    FloorBroken,
    IdConflict,
    Outcome,
    expire,
    retire,
)
from services.payments.ledger.engine.segments import Segment


class Superseded(Exception):
    """Another writer's segment holds this place of the log."""


class AccountHidden(Forbidden):
    """The account belongs to another organisation."""

    code = "account-hidden"
    hint = "Ask for an account of your own organisation: org:<id>:available and its like."
    chinese = "该账户属于其他组织，无权查看。"


class Ledger(Protocol):
    """The books, wherever their one writer runs."""

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """Book entries in the order given and answer one outcome for each.

        Each stands or falls alone, but for those that are linked into a chain: all of them
        stand or none. Returns when all that stands is durable. Raises ``LedgerUnavailable``
        when that cannot be told in time: submit the same again, the ids make it safe; and
        ``BadChain`` when a chain does not end within the submission. It may go over the
        network, so call it outside a transaction.
        """
        ...


@dataclass(frozen=True, slots=True)
class Leader:
    """The process that decides for a market just now; ``url`` is its internal port."""

    url: str
    epoch: int
    is_here: bool


class Lease(Protocol):
    """Which process decides. For speed only: two at once cost retries, not the truth."""

    def leader(self) -> Leader:
        """Take or keep the lead for this process if it is free; answer who has it."""
        ...


class Log(Protocol):
    """The stored segments of one market, numbered from zero without gaps."""

    def append(self, segment: Segment) -> None:
        """Store the segment durably at its place.

        Appending the same segment again does nothing. Raises ``Superseded`` when another
        holds the place, ``LedgerUnavailable`` when it cannot be told whether it is
        stored.
        """
        ...

    def read(self, sequence: int) -> Segment:
        """One segment; raise ``LookupError`` when there is none."""
        ...

    def since(self, sequence: int) -> Iterator[Segment]:
        """The durable segments from this one on, in order."""
        ...

    def has(self, sequence: int) -> bool:
        """Whether there is such a segment, as of now and not of a moment ago."""
        ...


class DueHolds(Protocol):
    """The open holds whose time is over, as far as they have been projected."""

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """The ids of some of them, those first that ended first."""
        ...


def hold_or_retire(holds: Sequence[EntryRequest], *, ledger: Ledger) -> list[Outcome]:
    """Place holds, and answer for each what is true from then on for everybody.

    A hold that is refused has its id retired, so that no other process that was given the same
    to do, however late it comes, can place what this one has told to be refused. Where another
    placed it in between, that counts. What was refused before is refused as ``floor-broken``.
    """
    outcomes = ledger.submit(holds) if holds else []
    refused = [place for place, outcome in enumerate(outcomes) if not outcome.stands]
    retired = ledger.submit([retire(holds[place].id) for place in refused]) if refused else []
    for place, final in zip(refused, retired, strict=True):
        if not final.stands:
            (outcomes[place],) = ledger.submit([holds[place]])
        elif outcomes[place].code == IdConflict.code:
            outcomes[place] = replace(
                outcomes[place], code=FloorBroken.code, detail="refused before", difference={}
            )
    return outcomes


def expire_holds(holds: DueHolds, ledger: Ledger, *, now: datetime, limit: int = 500) -> int:
    """Have the books write down which holds are over; answer how many that were.

    They count for nobody from that moment on in any case, and the books write it down
    before they decide on anything else: this is for when nothing else comes. It may run
    anywhere, any number of times, and beside itself.
    """
    due = holds.due(now, limit=limit)
    outcomes = ledger.submit([expire(hold) for hold in due]) if due else []
    return sum(outcome.stands for outcome in outcomes)
