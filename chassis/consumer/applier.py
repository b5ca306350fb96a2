"""Applies events once: head, handler and what it publishes in one transaction.

A batch is first tried as if nothing were amiss, without reading anything. Where that
proves wrong the transaction aborts and is done again with a read. An event whose handler
fails is tried alone, then later, then set aside, and its subject waits meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, ConnectionFailure, PyMongoError
from requests import RequestException

from chassis import crash, deadletters, inbox, metrics, outbox
from chassis.consumer import parking
from chassis.consumer.letters import Letter, Unfit
from chassis.consumer.limit import DeadLetterLimit
from chassis.consumer.reading import Reading, read
from chassis.consumer.runs import Run, units
from chassis.consumer.streams import Move, straight_moves
from chassis.context import bound
from chassis.deadletters import Failure
from chassis.inbox import Handlers, TwoStep, acting_on, head_id
from chassis.logging import logger
from chassis.mongo import atomically, collection
from chassis.pace import Pace

EVENTS_A_TRANSACTION = 400
EVENTS_WITH_CARE = 50  # at once, after one of them failed
TRANSACTION_SECONDS = 8.0
ROUNDS = 200
# A handler that raises one of these will raise it again: no use in trying later.
HOPELESS = (ValidationError, TypeError, ValueError, LookupError, AttributeError, AssertionError)

_PASSING = (ConnectionError, TimeoutError, RequestException, ConnectionFailure)


class Unavailable(RuntimeError):
    """The database or a peer did not answer; nothing of the batch in hand is lost."""


class HeadMoved(RuntimeError):
    """A head is not where it was supposed to be."""


class UnknownMajor(ValueError):
    """A type we handle, in a version we do not."""

    reason = "unknown-version"


class Applier:
    """Takes letters in for one group. Safe to use from several threads."""

    def __init__(self, group: str, handlers: Handlers, pace: Pace) -> None:
        self.group = group
        self.limit = DeadLetterLimit()
        self._handlers = handlers
        self._families = {name.rpartition(".")[0] for name in handlers}
        self._pace = pace
        self._log = logger("consumer").bind(group=group)

    def take(self, letters: Iterable[Letter | Unfit]) -> None:
        """Deal with letters in order: applied, dropped as seen, parked or set aside.

        Raises ``Unavailable`` when that cannot be finished now; everything may then be
        given again. Raises ``Halted`` past the limit of dead letters.
        """
        batch: list[Letter] = []
        for letter in letters:
            if isinstance(letter, Unfit):
                self._reject(letter)
                continue
            batch.append(letter)
            if len(batch) == EVENTS_A_TRANSACTION:
                self._batch(batch)
                batch = []
        if batch:
            self._batch(batch)

    def again(self, letters: Sequence[Letter]) -> None:
        """Try parked letters whose time has come; raises as ``take`` does."""
        self._guarded(lambda: self._with_care(letters))

    def _batch(self, letters: Sequence[Letter]) -> None:
        for unit in units(letters, self._handlers):
            self._guarded(lambda unit=unit: self._unit(unit))  # type: ignore[misc] # bound now

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            if _is_passing(error):
                raise Unavailable(f"{type(error).__name__}: {str(error)[:200]}") from error
            raise

    def _unit(self, unit: Sequence[Run]) -> None:
        letters = [letter for run in unit for letter in run.letters]
        moves, at_once = straight_moves(letters), len(letters)
        try:
            if moves is not None:
                self._commit(unit, moves)
                return
        except HeadMoved:
            pass
        except Exception as error:
            if _is_passing(error):
                raise
            at_once = EVENTS_WITH_CARE  # only those beside the one that failed go one by one
        # Not as straight as it looked, or a handler failed: once more, with a read.
        for place in range(0, len(letters), at_once):
            self._with_care(letters[place : place + at_once])

    def _with_care(self, letters: Sequence[Letter]) -> None:
        """Apply what is ready, alone after a failure, until nothing more is."""
        alone = False
        for round_ in range(ROUNDS):
            now = datetime.now(UTC)
            found = read(self.group, letters, now=now)
            self._tidy(found, now, first=round_ == 0)
            if not found.ready:
                return
            chunks = (
                [[Run(letter.event.type, [letter])] for letter in found.ready]
                if alone
                else units(found.ready[:EVENTS_A_TRANSACTION], self._handlers)
            )
            alone = not self._commit_all(chunks, found)
        raise Unavailable("the heads keep moving")

    def _commit_all(self, chunks: Iterable[Sequence[Run]], found: Reading) -> bool:
        """Commit one after the other; False when the next round must go one by one."""
        for chunk in chunks:
            letters = [letter for run in chunk for letter in run.letters]
            try:
                self._commit(chunk, found.moves(letters))
            except HeadMoved:
                return True
            except Exception as error:
                if _is_passing(error):
                    raise
                if len(letters) > 1:
                    return False
                with bound(letters[0].event.context):
                    self._fail(letters[0], error)
                return False
        return True

    def _commit(self, unit: Sequence[Run], moves: Sequence[Move]) -> None:
        """One transaction: heads, handlers, outbox. Raises ``HeadMoved``."""
        letters = [letter for run in unit for letter in run.letters]
        now = datetime.now(UTC)
        outcomes = [self._submit(run) for run in unit]

        def work() -> None:
            self._advance(letters, moves, now)
            parking.unpark(self.group, letters)
            with outbox.gathered():
                for run, outcome in zip(unit, outcomes, strict=True):
                    self._handle(run, outcome)
            crash.point("C2")

        atomically(work, timeout_seconds=TRANSACTION_SECONDS)
        crash.point("C3")
        metrics.EVENTS_APPLIED.labels(self.group).inc(len(letters))
        self.limit.note(
            sum(len(run.letters) for run in unit if run.type in self._handlers), dead=False
        )

    def _submit(self, run: Run) -> Any:  # noqa: ANN401 - whatever the handler answers
        handler = self._handlers.get(run.type)
        if not isinstance(handler, TwoStep):
            return None
        events = [letter.event for letter in run.letters]
        with acting_on(events):
            return handler.submit(events)

    def _handle(self, run: Run, outcome: Any) -> None:  # noqa: ANN401 - of _submit
        handler = self._handlers.get(run.type)
        if handler is None:
            if run.type.rpartition(".")[0] in self._families:
                raise UnknownMajor(f"{run.type} is a version we do not read")
            return
        events = [letter.event for letter in run.letters]
        with acting_on(events):
            if isinstance(handler, TwoStep):
                handler.record(events, outcome)
            else:
                handler(events)

    def _advance(self, letters: Sequence[Letter], moves: Sequence[Move], now: datetime) -> None:
        writes = [_move_write(self.group, move, now) for move in moves]
        messages = [letter.event.id for letter in letters if letter.event.sequence is None]
        try:
            if writes:
                done = collection("inbox_heads").bulk_write(writes)
                if done.matched_count + done.upserted_count != len(writes):
                    raise HeadMoved
            if messages:
                inbox.remember(self.group, messages, now=now)
        except BulkWriteError as error:
            raise HeadMoved from error

    def _tidy(self, found: Reading, now: datetime, *, first: bool) -> None:
        """Drop what was seen before, park what must wait."""
        if found.seen:
            parking.unpark(self.group, found.seen)
            if first:
                metrics.DUPLICATES_DROPPED.labels(self.group).inc(len(found.seen))
        fresh = [letter for letter in found.waiting if not letter.is_parked]
        if fresh:
            self._park(fresh, now)

    def _park(self, letters: Sequence[Letter], now: datetime) -> None:
        streams = {(letter.event.source, letter.event.subject) for letter in letters}
        due_at = now + timedelta(seconds=self._pace.gap_pull)

        def work() -> None:
            collection("inbox_heads").bulk_write(
                [
                    UpdateOne(
                        {"_id": head_id(self.group, source, subject)},
                        {
                            "$set": {"waiting": True, "at": now},
                            "$setOnInsert": {"source": source, "subject": subject, "sequence": 0},
                        },
                        upsert=True,
                    )
                    for source, subject in streams
                ]
            )
            parking.park(self.group, letters, reason=parking.GAP, due_at=due_at, now=now)

        atomically(work)

    def _fail(self, letter: Letter, error: Exception) -> None:
        """Have it tried later, or set it aside when there is no hope."""
        attempts = letter.attempts + 1
        if isinstance(error, HOPELESS) or attempts > len(self._pace.retries):
            self.limit.check()
            failure = Failure.of(error, attempts=attempts)
            self._log.error(
                "set aside",
                type=letter.event.type,
                why=repr(error)[:200],
                where=failure.where,
            )
            atomically(lambda: self._bury(letter, failure))
            self.limit.note(1, dead=True)
            return
        self._log.warning("will try again", why=repr(error)[:200], attempts=attempts)
        now = datetime.now(UTC)
        due_at = now + timedelta(seconds=self._pace.retries[attempts - 1])

        def work() -> None:
            if letter.event.sequence is not None:
                self._park([letter], now)
            parking.try_later(
                self.group, letter, attempts=attempts, due_at=due_at, error=repr(error), now=now
            )

        atomically(work)

    def _bury(self, letter: Letter, failure: Failure) -> None:
        parking.unpark(self.group, [letter])
        deadletters.bury(self.group, letter.event, letter.raw, failure, place=letter.place)
        metrics.DEAD_LETTERS.labels(self.group, failure.reason).inc()

    def _reject(self, unfit: Unfit) -> None:
        """Set bytes aside that are no event for us; nothing waits for them."""
        self.limit.check()
        self._log.error("unfit", reason=unfit.reason, detail=unfit.detail, place=unfit.place)
        failure = Failure(reason=unfit.reason, message=unfit.detail)
        self._guarded(
            lambda: deadletters.bury_bytes(
                self.group, unfit.raw, failure, place=unfit.place, now=datetime.now(UTC)
            )
        )
        metrics.DEAD_LETTERS.labels(self.group, unfit.reason).inc()
        self.limit.note(1, dead=True)


def _move_write(group: str, move: Move, now: datetime) -> UpdateOne:
    change: dict[str, Any] = {
        "$set": {"sequence": move.to, "source": move.source, "subject": move.subject, "at": now}
    }
    if move.was_waiting and not move.stays_waiting:
        change["$unset"] = {"waiting": ""}
    return UpdateOne(
        {
            "_id": head_id(group, move.source, move.subject),
            "sequence": move.expected,
            "waiting": True if move.was_waiting else None,
        },
        change,
        upsert=not move.is_stored,
    )


def _is_passing(error: BaseException | None) -> bool:
    """Whether the trouble lies with a connection or a rival, and not with the event."""
    while error is not None:
        if isinstance(error, _PASSING):
            return True
        if isinstance(error, PyMongoError) and (
            error.timeout
            or error.has_error_label("TransientTransactionError")
            or error.has_error_label("RetryableWriteError")
            or error.has_error_label("UnknownTransactionCommitResult")
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
