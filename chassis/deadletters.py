"""Dead letters: events no handler could take, until somebody decides about them.

A dead letter of a sequenced event blocks its subject, so that the order holds: later
events of that subject wait while all others flow. ``replay`` has it tried again, after the
cause is mended; ``discard`` skips it for good. Doing either twice does nothing. ``edit``
corrects the data of one whose producer got it wrong, and has that tried.
"""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mongoengine import (
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    LongField,
    StringField,
)

from chassis.envelope import Event, Unreadable, parse
from chassis.event_schemas import faults_in
from chassis.inbox import head_id
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.mongo import Row, atomically, collection

OPEN, REPLAYED, DISCARDED = "open", "replayed", "discarded"
MESSAGE_LENGTH = 300


class DeadLetterUnknown(NotFound):
    """No dead letter has that id."""

    code = "dead-letter-unknown"
    hint = "List the dead letters and take an id from there."
    chinese = "没有这个编号的死信，请先列出死信再选择。"


class DeadLetterUnreadable(RuleBroken):
    """What cannot be read cannot be replayed."""

    code = "dead-letter-unreadable"
    hint = "Discard it; if its subject misses an event, that is pulled from the producer."
    chinese = "无法读取的消息不能重放，请丢弃；缺失的事件会从生产方补取。"


class DeadLetterNotNext(Conflict):
    """Earlier events of its subject are still missing."""

    code = "dead-letter-not-next"
    hint = "Decide about the earlier ones first."
    chinese = "该主题还有更早的事件未处理，请先处理它们。"


class DeadLetterDecided(Conflict):
    """The dead letter was decided about already."""

    code = "dead-letter-decided"
    hint = "Show it: what was decided, by whom and why stands there."
    chinese = "该死信已有处理决定，请查看其处理人和原因。"


class CorrectionUnfit(RuleBroken):
    """The corrected data are not what such an event carries."""

    code = "correction-unfit"
    hint = "Correct what the detail names; contracts/events has the schema of every event."
    chinese = "更正后的内容不符合该事件的结构，请按所列问题修改。"


class DeadLetter(Document):
    """One event set aside, why, and what was decided."""

    meta = {
        "collection": "dead_letters",
        "auto_create_index": False,
        "indexes": [{"fields": ["state", "group", "first_at"]}],
    }
    id = StringField(primary_key=True)
    group = StringField(required=True)
    event = StringField(required=True)
    event_id = StringField()  # absent where the bytes are no event
    type = StringField()
    source = StringField()
    subject = StringField()
    sequence = LongField()
    reason = StringField(required=True)
    message = StringField()
    where = StringField()
    stack = StringField()
    place = StringField()
    attempts = IntField(required=True)
    first_at = DateTimeField(required=True)
    state = StringField(required=True)
    edits = ListField(DictField())  # at, by, why; before and after: the data as JSON
    by = StringField()
    why = StringField()
    decided_at = DateTimeField()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an event became a dead letter; ``reason`` is a stable code or an error's name.

    ``where`` is the line that raised; ``stack`` is equal for equal ways of getting there.
    """

    reason: str
    message: str = ""
    where: str = ""
    stack: str = ""
    attempts: int = 1

    @classmethod
    def of(cls, error: BaseException, *, attempts: int) -> Failure:
        """The failure a handler's exception stands for."""
        frames = traceback.extract_tb(error.__traceback__)
        trail = "|".join(f"{frame.filename}:{frame.name}:{frame.lineno}" for frame in frames)
        return cls(
            reason=getattr(error, "reason", type(error).__name__),
            message=str(error)[:MESSAGE_LENGTH],
            where=f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "",
            stack=hashlib.sha256(trail.encode()).hexdigest()[:16],
            attempts=attempts,
        )


def bury_bytes(group: str, raw: str, failure: Failure, *, place: str, now: datetime) -> None:
    """Set aside what is no event of ours; the same bytes are kept once."""
    digest = hashlib.sha256(raw.encode()).hexdigest()[:32]
    _store(f"{group}|{digest}", {"group": group, "event": raw, "place": place}, failure, now)


def bury(group: str, event: Event, raw: str, failure: Failure, *, place: str) -> None:
    """Set an event aside and block its subject; part of the caller's transaction."""
    now = datetime.now(UTC)
    about: Row = {
        "group": group,
        "event": raw,
        "place": place,
        "event_id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
    }
    if event.sequence is not None:
        about["sequence"] = event.sequence
        _block(group, event.source, event.subject, event.sequence, now)
    else:
        # Seen from now on: another delivery of it must not be a replay nobody asked for.
        _remember(group, event.id, now)
    _store(f"{group}|{event.id}", about, failure, now)


def bury_gap(group: str, event: Event, *, last_missing: int, now: datetime) -> None:
    """Set aside events nobody can deliver: those of a subject up to ``last_missing``.

    ``event`` is the one that waits behind them; discarding the dead letter lets it pass.
    """
    _block(group, event.source, event.subject, last_missing, now)
    about = {
        "group": group,
        "event": "",
        "source": event.source,
        "subject": event.subject,
        "sequence": last_missing,
    }
    failure = Failure(reason="gap", message=f"never arrived, up to sequence {last_missing}")
    key = head_id(group, event.source, event.subject)
    _store(f"{key}|{last_missing}", about, failure, now)


def dead_letters(
    *, group: str | None = None, state: str | None = OPEN, limit: int = 100
) -> list[dict[str, Any]]:
    """Dead letters, oldest first, as plain rows; ``_id`` is what the others take."""
    query: dict[str, Any] = {}
    if state is not None:
        query["state"] = state
    if group is not None:
        query["group"] = group
    return list(collection("dead_letters").find(query).sort("first_at", 1).limit(limit))


def dead_letter(letter_id: str) -> dict[str, Any]:
    """One dead letter; raise ``DeadLetterUnknown``."""
    found = collection("dead_letters").find_one({"_id": letter_id})
    if found is None:
        raise DeadLetterUnknown(f"no dead letter {letter_id}")
    return found


def replay(letter_id: str, *, by: str, why: str = "") -> bool:
    """Have it tried again by its group within a second; answer whether that was news.

    A gap is asked for from its producer again. Raises ``DeadLetterUnreadable`` for bytes
    that are no event.
    """

    def work() -> bool:
        row = dead_letter(letter_id)
        if row["state"] != OPEN:
            return False
        if row["reason"] != "gap" and "event_id" not in row:
            raise DeadLetterUnreadable(f"{letter_id}: {row['reason']}")
        now = datetime.now(UTC)
        if row["event"]:
            _park_again(row, now)
        _unblock(row, now)
        _decide(row, REPLAYED, by, why, now)
        return True

    return atomically(work)


def edit(letter_id: str, data: Mapping[str, Any], *, by: str, why: str) -> str:
    """Have it tried again with these data in place of its own; answer those as JSON.

    Everything else of it stays: its id, subject and sequence. What was and what is now are
    kept under ``edits``, also when it fails again. Raises ``DeadLetterDecided``,
    ``DeadLetterUnreadable`` for a gap or bytes that are no event, and ``CorrectionUnfit``
    for data that its schema does not let through; nothing is changed then.
    """

    def work() -> str:
        row = dead_letter(letter_id)
        if row["state"] != OPEN:
            raise DeadLetterDecided(f"{letter_id} was {row['state']} by {row.get('by')}")
        document = _document_of(row)
        before, text = _json(document.get("data", {})), _corrected(document, data)
        now = datetime.now(UTC)
        note = {"at": now, "by": by, "why": why, "before": before, "after": _json(data)}
        collection("dead_letters").update_one(
            {"_id": letter_id}, {"$set": {"event": text}, "$push": {"edits": note}}
        )
        _park_again({**row, "event": text}, now)
        _unblock(row, now)
        _decide(row, REPLAYED, by, why, now)
        return before

    return atomically(work)


def discard(letter_id: str, *, by: str, why: str) -> bool:
    """Skip it for good and let its subject go on; answer whether that was news.

    Raises ``DeadLetterNotNext`` while earlier events of its subject are missing.
    """

    def work() -> bool:
        row = dead_letter(letter_id)
        if row["state"] != OPEN:
            return False
        now = datetime.now(UTC)
        if "sequence" in row:
            _skip(row, now)
            _unblock(row, now)
        _decide(row, DISCARDED, by, why, now)
        return True

    return atomically(work)


def _document_of(row: Row) -> dict[str, Any]:
    """The envelope that was set aside."""
    try:
        parse(row["event"])
    except Unreadable as error:
        raise DeadLetterUnreadable(f"{row['_id']}: {row['reason']}") from error
    found: dict[str, Any] = json.loads(row["event"])
    return found


def _corrected(document: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The same envelope with other data, which its schema lets through."""
    faults = faults_in(document["type"], data)
    text = _json({**document, "data": data})
    try:
        parse(text)
    except Unreadable as error:
        faults.append(str(error))
    if faults:
        raise CorrectionUnfit("; ".join(faults), faults=faults)
    return text


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _store(letter_id: str, about: Mapping[str, Any], failure: Failure, now: datetime) -> None:
    collection("dead_letters").update_one(
        {"_id": letter_id},
        {
            "$setOnInsert": {"first_at": now},
            "$set": {
                **about,
                "state": OPEN,
                "reason": failure.reason,
                "message": failure.message,
                "where": failure.where,
                "stack": failure.stack,
                "attempts": failure.attempts,
            },
        },
        upsert=True,
    )


def _block(group: str, source: str, subject: str, sequence: int, now: datetime) -> None:
    collection("inbox_heads").update_one(
        {"_id": head_id(group, source, subject)},
        {
            "$set": {"waiting": True, "blocked_at": sequence, "at": now},
            "$setOnInsert": {"source": source, "subject": subject, "sequence": 0},
        },
        upsert=True,
    )


def _remember(group: str, message_id: str, now: datetime) -> None:
    collection("inbox_log").update_one(
        {"_id": f"{group}|{message_id}"}, {"$setOnInsert": {"at": now}}, upsert=True
    )


def _park_again(row: Row, now: datetime) -> None:
    parked: Row = {
        "group": row["group"],
        "event": row["event"],
        "place": row.get("place", ""),
        "reason": "retry",
        "attempts": 0,
        "first_at": now,
        "due_at": now,
    }
    if "sequence" in row:
        parked["stream"] = head_id(row["group"], row["source"], row["subject"])
        parked["sequence"] = row["sequence"]
    else:
        collection("inbox_log").delete_one({"_id": row["_id"]})
    collection("inbox_pending").update_one({"_id": row["_id"]}, {"$set": parked}, upsert=True)


def _skip(row: Row, now: datetime) -> None:
    key = head_id(row["group"], row["source"], row["subject"])
    is_gap = row["reason"] == "gap"
    before = {"$lt": row["sequence"]} if is_gap else row["sequence"] - 1
    done = collection("inbox_heads").update_one(
        {"_id": key, "sequence": before}, {"$set": {"sequence": row["sequence"], "at": now}}
    )
    if done.matched_count == 0:
        raise DeadLetterNotNext(f"{row['subject']} has not come to {row['sequence'] - 1} yet")


def _unblock(row: Row, now: datetime) -> None:
    """Let the subject go on: what waits of it is due at once."""
    if "sequence" not in row:
        return
    key = head_id(row["group"], row["source"], row["subject"])
    collection("inbox_heads").update_one(
        {"_id": key, "blocked_at": row["sequence"]}, {"$unset": {"blocked_at": ""}}
    )
    collection("inbox_pending").update_many({"stream": key}, {"$set": {"due_at": now}})


def _decide(row: Row, state: str, by: str, why: str, now: datetime) -> None:
    collection("dead_letters").update_one(
        {"_id": row["_id"], "state": OPEN},
        {"$set": {"state": state, "by": by, "why": why, "decided_at": now}},
    )
