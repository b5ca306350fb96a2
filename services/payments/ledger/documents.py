"""How the books lie in MongoDB: the log, and what is projected from it."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    LongField,
    StringField,
)

SEGMENTS = "ledger_segments"
LEASES = "ledger_leases"
ACCOUNTS = "ledger_accounts"
ENTRIES = "ledger_entries"
HOLDS = "ledger_holds"
CURSORS = "ledger_cursors"

OPEN = "open"


class SegmentDocument(Document):
    """A sealed segment of the log: one document, one hash, never changed.

    Its unique ``_id`` is the compare-and-swap that keeps the log a single chain. A
    column that is absent reads as zeros, so that columns can be added for ever.
    """

    meta = {"collection": SEGMENTS, "auto_create_index": False}
    id = LongField(primary_key=True)  # its sequence, from zero without gaps
    format = IntField(required=True)
    at = LongField(required=True)  # milliseconds since 1970, as it is hashed
    epoch = LongField(required=True)
    entries = IntField(required=True)
    legs = IntField(required=True)
    previous = BinaryField(required=True)
    hash = BinaryField(required=True)
    columns = DictField()


class LeaseDocument(Document):
    """Which process decides for a market just now."""

    meta = {"collection": LEASES, "auto_create_index": False}
    id = StringField(primary_key=True)  # the market
    holder = StringField(required=True)
    url = StringField(required=True)
    epoch = LongField(required=True)
    expires_at = DateTimeField(required=True)  # by the server's clock


class AccountDocument(Document):
    """An account and its balance after everything projected so far."""

    meta = {
        "collection": ACCOUNTS,
        "auto_create_index": False,
        "indexes": [{"fields": ["path", "currency"], "unique": True}],
    }
    id = LongField(primary_key=True)  # its number in the log
    path = StringField(required=True)
    currency = StringField(required=True)
    floor = LongField(required=True)
    ceiling = LongField()
    limits_version = LongField()  # how often floor and ceiling were changed
    posted = LongField(required=True)
    available = LongField(required=True)
    entries = LongField(required=True)


class EntryDocument(Document):
    """An entry in words; each leg with the posted balance it led to."""

    meta = {
        "collection": ENTRIES,
        "auto_create_index": False,
        "indexes": [
            ("legs.account", "at", "segment", "index"),
            {"fields": ["reference"], "sparse": True},
            {"fields": ["segment", "index"], "unique": True},
        ],
    }
    id = StringField(primary_key=True)
    segment = LongField(required=True)
    index = IntField(required=True)
    at = DateTimeField(required=True)
    kind = StringField(required=True)
    code = StringField(required=True)
    reference = StringField()
    pending_id = StringField()
    expires_at = DateTimeField()
    effective_at = DateTimeField()  # when it counts, if not when it was booked
    explained = BooleanField(required=True)  # the reason itself stays in the segment
    legs = ListField(DictField())


class HoldDocument(Document):
    """A hold, open or ended."""

    meta = {
        "collection": HOLDS,
        "auto_create_index": False,
        "indexes": [
            {
                "name": "due",
                "fields": ["expires_at"],
                "partialFilterExpression": {"state": OPEN, "expires_at": {"$exists": True}},
            },
        ],
    }
    id = StringField(primary_key=True)  # the entry that placed it
    state = StringField(required=True)
    expires_at = DateTimeField()
    parts = ListField(StringField())  # the posts that left a rest on hold
    ended_by = StringField()
    ended_at = DateTimeField()


class CursorDocument(Document):
    """How far the log has been projected, and what of it later segments refer to."""

    meta = {"collection": CURSORS, "auto_create_index": False}
    id = StringField(primary_key=True)  # the market
    segment = LongField(required=True)  # the next to project, from ``index`` on
    index = IntField(required=True)
    head = BinaryField(required=True)
    at = DateTimeField()
    entries = LongField(required=True)
    accounts = LongField(required=True)
    words = ListField(StringField())
    closed_until = DateTimeField()  # what takes effect earlier comes too late
    published = ListField(LongField())  # facts of entries before this place are out
    resetting = BooleanField(required=True)
