"""The ports of the books: how entries are submitted, and where the log is kept."""

from __future__ import annotations

import hashlib
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from chassis.kernel.errors import DomainError, Forbidden, RuleBroken
from services.payments.ledger.domain import (
    ID_RETIRED,
    EntryRequest,
    FloorBroken,
    IdConflict,
    Outcome,
    Round,
    expire,
    retire,
)
from services.payments.ledger.engine.accounts import Balance
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.segments import Segment

MAX_BULK_ENTRIES = 10_000
ATTEMPTS = 4
NOTHING_TO_OPEN: Mapping[str, Sequence[EntryRequest]] = MappingProxyType({})
_TOKEN = struct.Struct("<I")
_MARK_BYTES = 12


class Superseded(Exception):
    """Another writer's segment holds this place of the log."""


class AccountHidden(Forbidden):
    """The account belongs to another organisation."""

    code = "account-hidden"
    hint = "Ask for an account of your own organisation: org:<id>:available and its like."
    chinese = "该账户属于其他组织，无权查看。"


class TooManyEntries(RuleBroken):
    """A bulk call holds more entries than one call may."""

    code = "too-many-entries"
    hint = "Send at most 10,000 lines a call."
    chinese = "单次批量请求的分录过多，每次最多一万行。"


class ResumeTokenInvalid(RuleBroken):
    """The resume token is not one of this body."""

    code = "resume-token-invalid"
    hint = "Send the very body whose answer gave the token; or send it without a token."
    chinese = "续传标记与请求内容不符，请使用返回该标记的原始内容，或不带标记重发。"


class HistoryBehind(DomainError, ConnectionError):
    """The history of the balances has not been kept up to that time yet."""

    code = "history-behind"
    hint = "Ask again in a moment; if it stays, the worker of payments is not running."
    chinese = "历史余额尚未整理到该时间，请稍后再查。"


class TimeNotOver(RuleBroken):
    """That time is not over yet."""

    code = "time-not-over"
    hint = "Ask for a time that has passed, or leave the time out."
    chinese = "该时间尚未到来，请查询过去的时间，或不填时间。"


class EffectiveTooFar(RuleBroken):
    """Too much was booked with an earlier time of effect since that moment."""

    code = "effective-too-far"
    hint = "Ask for a later effective_at, or for what was booked until sooner after it: booked_at."
    chinese = "该时点之后的追溯记账过多，请改用较晚的 effective_at 或较早的 booked_at。"


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


class BulkLedger(Protocol):
    """The books for many entries at once, each a line of JSON."""

    def submit_lines(self, lines: Sequence[bytes]) -> list[Round]:
        """Book the entries that the lines hold, in order, as ``Ledger.submit`` would.

        A line that cannot be read is refused and hinders no other. The rounds follow each
        other from the first line on; what they tell is durable. They end early when the
        books cannot be reached any more: submit the rest, or all, again. Raises
        ``LedgerUnavailable`` when that is so from the first line on, and ``BadChain``, with
        nothing booked, when a line is linked to the next: here each stands alone.
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


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """What became of a bulk call: ``resume`` is a token for the rest, None if there is none.

    ``answered`` of its ``lines`` have an outcome that is durable.
    """

    rounds: Sequence[Round]
    lines: int
    answered: int
    resume: str | None


class Snapshots(Protocol):
    """The books as they stood, for a quick start. Losing them costs time and nothing else."""

    def latest(self, read: Callable[[int], Segment]) -> Books | None:
        """The newest that is whole and ends with a segment of the log; None if there is none."""
        ...

    def store(self, books: Books) -> None:
        """Keep the books as they stand, and forget old ones."""
        ...

    def forget(self) -> None:
        """Forget all."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and the last segment booked by then: -1 before any.

    Once ``is_final``, nothing will ever be booked at that time or before: the log has gone
    on, and its time never goes back.
    """

    at: datetime
    segment: int
    is_final: bool


class History(Protocol):
    """The balances of the past, by the time of booking and by the time of effect."""

    def moment(self, at: datetime) -> Moment:
        """Where the log stood at that time."""
        ...

    def balances(self, path: str, moment: Moment) -> dict[str, Balance]:
        """The balances of an account by currency, in minor units; none before it was opened.

        Raises ``HistoryBehind`` rather than guess.
        """
        ...

    def effective(self, path: str, at: datetime, booked: Moment) -> dict[str, int]:
        """What takes effect at ``at`` or before, of all that was booked by a moment.

        Posted balances by currency, in minor units: an entry without a time of effect takes
        effect when it is booked. Raises ``HistoryBehind`` or ``EffectiveTooFar``.
        """
        ...


class DueHolds(Protocol):
    """The open holds whose time is over, as far as they have been projected."""

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """The ids of some of them, those first that ended first."""
        ...


def hold_or_retire(
    holds: Sequence[EntryRequest],
    *,
    ledger: Ledger,
    openings: Mapping[str, Sequence[EntryRequest]] = NOTHING_TO_OPEN,
    reason_of: Callable[[Outcome], str] = lambda _outcome: ID_RETIRED,
) -> list[Outcome]:
    """Place holds, and answer for each what is true from then on for everybody.

    A hold that is refused has its id retired, so that no other process that was given the same
    to do, however late it comes, can place what this one has told to be refused. Where another
    placed it in between, that counts. ``openings`` are, by hold, entries that fill accounts it
    takes from: booked when it finds too little, each once for ever. ``reason_of`` makes a code
    of a refusal, which is kept with the retired id and is the ``code`` of the outcome, the same
    for everybody; without one that is ``floor-broken``.
    """
    outcomes = _place(holds, openings, ledger)
    refused = [place for place, outcome in enumerate(outcomes) if not outcome.stands]
    retiring = [retire(holds[place].id, reason_of(outcomes[place])) for place in refused]
    retired = ledger.submit(retiring) if retiring else []
    for place, entry, final in zip(refused, retiring, retired, strict=True):
        if not final.stands:
            (outcomes[place],) = ledger.submit([holds[place]])
        if outcomes[place].code == IdConflict.code:
            outcomes[place] = _refused_before(outcomes[place], is_retired=final.stands)
        elif entry.code != ID_RETIRED and not outcomes[place].stands:
            outcomes[place] = replace(outcomes[place], code=entry.code)
    return outcomes


def _place(
    holds: Sequence[EntryRequest],
    openings: Mapping[str, Sequence[EntryRequest]],
    ledger: Ledger,
) -> list[Outcome]:
    """Submit holds; those that lack an opening, or that nobody can tell the reason of, again."""
    outcomes = ledger.submit(holds) if holds else []
    for attempt in range(ATTEMPTS):
        again = [
            place
            for place, outcome in enumerate(outcomes)
            if outcome.code == FloorBroken.code
            and _may_stand(outcome, openings.get(holds[place].id, ()), is_first=attempt == 0)
        ]
        if not again:
            break
        if attempt == 0:
            opening = {each.id: each for at in again for each in openings[holds[at].id]}
            for opened in ledger.submit(list(opening.values())):
                opened.or_raise()
        for place, outcome in zip(
            again, ledger.submit([holds[place] for place in again]), strict=True
        ):
            outcomes[place] = outcome
    return outcomes


def _may_stand(outcome: Outcome, opening: Sequence[EntryRequest], *, is_first: bool) -> bool:
    """Whether a hold might stand now: an account it lacked is opened, or none was named."""
    opened = {leg.account for entry in opening for leg in entry.legs}
    return bool(opening) and (not outcome.account or (is_first and outcome.account in opened))


def _refused_before(conflict: Outcome, *, is_retired: bool) -> Outcome:
    """The refusal that was told before, by the code of the entry that retired the id."""
    # A hold whose id is taken by another hold is no refusal of before.
    if not is_retired and "kind" not in conflict.difference:
        return conflict
    code = conflict.difference.get("code", {}).get("stored", ID_RETIRED)
    told = FloorBroken.code if code == ID_RETIRED else code
    return replace(conflict, code=told, detail="refused before", difference={})


def expire_holds(holds: DueHolds, ledger: Ledger, *, now: datetime, limit: int = 500) -> int:
    """Have the books write down which holds are over; answer how many that were.

    They count for nobody from that moment on in any case, and the books write it down
    before they decide on anything else: this is for when nothing else comes. It may run
    anywhere, any number of times, and beside itself.
    """
    due = holds.due(now, limit=limit)
    outcomes = ledger.submit([expire(hold) for hold in due]) if due else []
    return sum(outcome.stands for outcome in outcomes)


def book_lines(ledger: BulkLedger, body: bytes, resume: str | None = None) -> BulkAnswer:
    """Book what the lines of a body hold, from where ``resume`` says.

    The last line may end without a line feed. Raises ``TooManyEntries``,
    ``ResumeTokenInvalid``, or as ``BulkLedger.submit_lines`` does; nothing is booked then.
    """
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if len(lines) > MAX_BULK_ENTRIES:
        raise TooManyEntries(f"{len(lines)} lines", limit=MAX_BULK_ENTRIES)
    mark = hashlib.sha256(body).digest()[:_MARK_BYTES]
    first = _first_line(resume, mark, len(lines)) if resume is not None else 0
    rounds = ledger.submit_lines(lines[first:])
    answered = first + (rounds[-1].stop if rounds else 0)
    token = None
    if answered < len(lines):
        token = urlsafe_b64encode(_TOKEN.pack(answered) + mark).decode()
    return BulkAnswer(rounds, len(lines), answered, token)


def _first_line(resume: str, mark: bytes, count: int) -> int:
    try:
        token = urlsafe_b64decode(resume)
        (first,) = _TOKEN.unpack(token[:-_MARK_BYTES])
    except (ValueError, struct.error):
        raise ResumeTokenInvalid("not a resume token") from None
    if token[-_MARK_BYTES:] != mark or first >= count:
        raise ResumeTokenInvalid("a resume token of another body")
    return int(first)
