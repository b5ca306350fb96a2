"""What changed in whose document, who changed it and why: one row for each version kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mongoengine import DateTimeField, DictField, Document, ListField, StringField

from chassis import context
from chassis.mongo import AggregateDocument, AggregateRow, Row, collection

NAME = "history"
HIDDEN = "hidden"  # stands for values of which no copy may exist
DIGITS = 10  # of a version, so that text order is their order
_ITS_OWN = frozenset({"_id", "version", "last_sequence"})


class HistoryDocument(Document):
    """One version of one document; written once, never changed.

    ``before`` and ``after`` hold the fields that changed, as they are stored. The first
    version has neither: what it was is the document as it is now, with every ``before``
    since put back. Of ``hidden`` fields it is told that they changed, and nothing else.
    """

    meta = {"collection": NAME, "auto_create_index": False}
    id = StringField(primary_key=True)  # document:version, which is all that is looked up
    kind = StringField(required=True)
    owner_id = StringField()  # absent where only the platform may read it
    at = DateTimeField(required=True)
    actor = StringField()
    organization = StringField()
    reason = StringField()
    causation_id = StringField()
    trace_id = StringField()
    facts = ListField(StringField())
    before = DictField()
    after = DictField()


class Saved(NamedTuple):
    """A document as it is being saved: its row, and the types of the facts it published."""

    document: AggregateDocument | AggregateRow
    row: Row
    facts: Sequence[str]

    @property
    def is_kept(self) -> bool:
        """Whether the history of such documents is kept: whether they say whose it is."""
        return "owner" in self.document._meta

    @property
    def is_a_change(self) -> bool:
        """Whether its history is kept and this is not the first version of it."""
        return self.is_kept and self.row["version"] > 1


def before(name: str, saved: Sequence[Saved]) -> dict[str, Row]:
    """What lies in this collection now of the documents that have a history and are changed.

    Part of the caller's transaction, and asked for before it writes.
    """
    ids = [one.row["_id"] for one in saved if one.is_a_change]
    found = collection(name).find({"_id": {"$in": ids}}) if ids else ()
    return {row["_id"]: row for row in found}


def record(saved: Sequence[Saved], known: Mapping[str, Row], *, at: datetime) -> None:
    """Write down what these saves changed, in the same transaction.

    A save that changed nothing but ``volatile`` fields leaves no row: something else
    keeps those.
    """
    rows = [_row(one, known, at) for one in saved if one.is_kept]
    kept = [row for row in rows if row is not None]
    if kept:
        collection(NAME).insert_many(kept)


def read(subject: str, *, below: int | None, limit: int) -> list[Row]:
    """The versions of a document, the newest first, those below one if it is given."""
    # ";" comes after ":" and before everything else.
    end = f"{subject};" if below is None else _key(subject, below)
    found = collection(NAME).find({"_id": {"$gt": f"{subject}:", "$lt": end}})
    return [
        {"subject": subject, "version": int(row.pop("_id").rpartition(":")[2]), **row}
        for row in found.sort("_id", -1).limit(limit)
    ]


def _row(saved: Saved, known: Mapping[str, Row], at: datetime) -> Row | None:
    document, row, facts = saved
    changed: Row = {}
    if saved.is_a_change:
        changed = _changed(known[row["_id"]], row, document._meta)
        if not changed["after"]:
            return None
    now = context.current()
    said = {
        "_id": _key(row["_id"], row["version"]),
        "kind": document._get_collection_name(),
        "owner_id": _owner(row, document._meta["owner"]),
        "at": at,
        "actor": now.actor,
        "organization": now.organization,
        "reason": now.reason,
        "causation_id": now.causation_id,
        "trace_id": now.traceparent.split("-")[1] if now.traceparent else None,
        "facts": list(facts),
    }
    return {name: value for name, value in said.items() if value} | changed


def _owner(row: Row, field: str | None) -> str | None:
    if field is None:
        return None
    owner: str = row["_id" if field == "id" else field]
    return owner


def _changed(old: Row, new: Row, meta: Mapping[str, Any]) -> Row:
    watched = (old.keys() | new.keys()) - _ITS_OWN - set(meta.get("volatile", ()))
    # What is empty may lie there as nothing at all.
    names = sorted(name for name in watched if old.get(name) != new.get(name))
    hidden = dict.fromkeys(set(meta.get("hidden", ())).intersection(names), HIDDEN)
    return {
        "before": {name: old.get(name) for name in names} | hidden,
        "after": {name: new.get(name) for name in names} | hidden,
    }


def _key(subject: str, version: int) -> str:
    return f"{subject}:{version:0{DIGITS}d}"
