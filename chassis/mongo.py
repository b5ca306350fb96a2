"""MongoDB: one connection, one way to commit, revisions, indexes by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC
from typing import Any, TypeVar

import pymongo
from bson.codec_options import CodecOptions
from mongoengine import Document, LongField, connection
from mongoengine.errors import OperationError
from pymongo import MongoClient, ReadPreference
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri
from pymongo.write_concern import WriteConcern

from chassis import metrics
from chassis.kernel.decisions import Revision

Result = TypeVar("Result")
Row = dict[str, Any]

TRANSIENT = "TransientTransactionError"
# Python's own UTC: comparing times of the driver's would call Python code each time.
_OPTIONS = {
    "uuidRepresentation": "standard",
    "tz_aware": True,
    "tzinfo": UTC,
    "retryWrites": True,
}

_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar(
    "after_commit", default=None
)


def connect(uri: str) -> Database[Row]:
    """Connect this process to one database; a second call with the same URI does nothing.

    The client opens no socket before its first use, so that it may be made before a
    fork. Raises ``ValueError`` for a URI without a database name, or with a write
    concern: MongoDB refuses one on a write inside a transaction (error 72).
    """
    parsed = parse_uri(uri)
    if not parsed["database"]:
        raise ValueError("the MongoDB URI names no database: mongodb://host:port/NAME")
    if "w" in {option.lower() for option in parsed["options"]}:
        raise ValueError("leave w= out of the MongoDB URI: transactions set it themselves")
    connection.connect(
        host=uri, connect=False, serverSelectionTimeoutMS=3000, connectTimeoutMS=2000, **_OPTIONS
    )
    return database()


def disconnect() -> None:
    """Close the connection of this process; it may then connect to another database."""
    connection.disconnect()
    # MongoEngine forgets documents that share a name, and would go on using the closed one.
    for kind in _heirs(Document):
        kind._disconnect()


def _heirs(kind: type[Document]) -> Iterator[type[Document]]:
    for heir in kind.__subclasses__():
        yield heir
        yield from _heirs(heir)


def database() -> Database[Row]:
    """The database of this process."""
    found: Database[Row] = connection.get_db()
    return found


def collection(name: str) -> Collection[Row]:
    """A collection for plain PyMongo: times come back aware and in UTC."""
    options: CodecOptions[Row] = CodecOptions(tz_aware=True, tzinfo=UTC)
    return database().get_collection(name, codec_options=options)


def client() -> MongoClient[Row]:
    """The client that transactions start from."""
    found: MongoClient[Row] = connection.get_connection()
    return found


def atomically(work: Callable[[], Result], *, timeout_seconds: float = 5.0) -> Result:
    """Run ``work`` as one transaction, again from the start if writers collide.

    PyMongo binds the session to this context, so MongoEngine takes part without being
    handed it; other threads do not. Called inside another transaction, it joins that
    one. Reads see a snapshot; the commit waits for a majority. ``work`` may run several
    times: no effect outside MongoDB belongs in it, use ``on_commit``. Trying again ends
    after ``timeout_seconds`` with PyMongo's own error.
    """
    if _after_commit.get() is not None:
        return work()
    hooks: list[Callable[[], None]] = []

    def attempt(_session: object) -> Result:
        if hooks or attempts:
            metrics.TRANSACTION_RETRIES.inc()
        attempts.append(1)
        hooks.clear()
        return _unmasked(work)

    attempts: list[int] = []
    with (
        pymongo.timeout(timeout_seconds),
        client().start_session() as session,
        session.bind(end_session=False),
    ):
        token = _after_commit.set(hooks)
        try:
            result = session.with_transaction(
                attempt,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority"),
                read_preference=ReadPreference.PRIMARY,
            )
        finally:
            _after_commit.reset(token)
    for hook in hooks:
        hook()
    return result


def on_commit(hook: Callable[[], None]) -> None:
    """Call ``hook`` once this transaction is stored; at once when there is none."""
    hooks = _after_commit.get()
    if hooks is None:
        hook()
    elif hook not in hooks:
        hooks.append(hook)


def in_transaction() -> bool:
    """Whether a transaction is open in this context."""
    return _after_commit.get() is not None


def _unmasked(work: Callable[[], Result]) -> Result:
    """Run ``work``; MongoEngine hides the error whose label says "try again"."""
    try:
        return work()
    except OperationError as masked:
        hidden = masked.__cause__ or masked.__context__
        if isinstance(hidden, PyMongoError) and hidden.has_error_label(TRANSIENT):
            raise hidden from masked
        raise


class AggregateDocument(Document):
    """How an aggregate lies in MongoDB: its revision beside its fields.

    With ``owner`` in its meta, the field that names whose it is, every version of it is kept
    in the history but for changes of the ``volatile`` fields, and without the values of the
    ``hidden`` ones. An owner of None leaves it to the platform.
    """

    meta: Mapping[str, Any] = {"abstract": True}
    version = LongField(required=True)
    last_sequence = LongField(required=True)

    def revision(self) -> Revision:
        """Where in its history the stored state stands."""
        return Revision(self.version, self.last_sequence)

    def row(self) -> Row:
        """How it lies in MongoDB."""
        found: Row = self.to_mongo().to_dict()
        return found


class AggregateRow:
    """An aggregate on its way to MongoDB as the plain row its document describes.

    Stored like the document it stands for, at a third of the cost: for aggregates that are
    written by the hundred. Values must be such as BSON holds; None is left out.
    """

    def __init__(self, kind: type[AggregateDocument], /, **values: object) -> None:
        unknown = values.keys() - kind._fields.keys()
        if unknown:
            raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        self._kind, self._meta = kind, kind._meta
        self._row: Row = {name: value for name, value in values.items() if value is not None}
        self.pk = self._row["_id"] = self._row.pop("id")
        self.version = self.last_sequence = 0

    def _get_collection_name(self) -> str:
        found: str = self._kind._get_collection_name()
        return found

    def row(self) -> Row:
        """How it lies in MongoDB."""
        return {**self._row, "version": self.version, "last_sequence": self.last_sequence}


def _storage(document: type[Document]) -> dict[str, Any]:
    """How a collection is kept on disk, where its document says so: ``block_compressor``."""
    compressor = document._meta.get("block_compressor")
    if compressor is None:
        return {}
    return {"storageEngine": {"wiredTiger": {"configString": f"block_compressor={compressor}"}}}


def ensure_indexes(documents: Iterable[type[Document]]) -> list[str]:
    """Make every collection and index that is missing; answer the collections' names.

    Run by ``teahouse prepare``, never on first use: a collection cannot be made inside
    every transaction, and an index built under load stops it.
    """
    names: list[str] = []
    existing = set(database().list_collection_names())
    for document in documents:
        name = document._get_collection_name()
        if name not in existing:
            database().create_collection(name, **_storage(document))
            existing.add(name)
        document.ensure_indexes()
        names.append(name)
    return names
