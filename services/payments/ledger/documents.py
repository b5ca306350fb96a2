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
PROBES = "ledger_probes"
SNAPSHOTS = "ledger_snapshots"
SNAPSHOT_PARTS = "ledger_snapshot_parts"
ERAS = "ledger_eras"
PAGES = "ledger_pages"
NUMBERED = "ledger_numbered_accounts"

BACKDATED = "backdated"  # the index of what has a time of effect of its own

OPEN = "open"


class SegmentDocument(Document):
    """A sealed segment of the log: one document, one hash, never changed.

    Its unique ``_id`` is the compare-and-swap that keeps the log a single chain. A
    column that is absent reads as zeros, so that columns can be added for ever.
    """

    meta = {
        "collection": SEGMENTS,
        "auto_create_index": False,
        "indexes": [
            ("at", "id"),
            {
                "name": BACKDATED,
                "fields": ["at"],
                "partialFilterExpression": {"columns.effective_at": {"$exists": True}},
            },
        ],
    }
    id = LongField(primary_key=True)  # its sequence, from zero without gaps
    format = IntField(required=True)
    at = LongField(required=True)  # milliseconds since 1970, as it is hashed
    epoch = LongField(required=True)
    entries = IntField(required=True)
    legs = IntField(required=True)
    previous = BinaryField(required=True)
    hash = BinaryField(required=True)
    columns = DictField()


class ProbeDocument(Document):
    """What is written to learn that a majority still follows whom we ask."""

    meta = {"collection": PROBES, "auto_create_index": False}
    id = StringField(primary_key=True)
    n = LongField(required=True)


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
        "indexes": [
            {"fields": ["path", "currency"], "unique": True},
            # Few are, but for those of the world outside and of who owes something.
            {
                "name": "below_zero",
                "fields": ["path"],
                "partialFilterExpression": {"posted": {"$lt": 0}},
            },
        ],
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
            {
                "name": BACKDATED,
                "fields": ["legs.account", "at"],
                "partialFilterExpression": {"effective_at": {"$exists": True}},
            },
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


class SnapshotDocument(Document):
    """The books up to a place of the log, to start from; may be thrown away at any time."""

    meta = {"collection": SNAPSHOTS, "auto_create_index": False, "block_compressor": "zstd"}
    id = LongField(primary_key=True)  # the next sequence after it
    parts = DictField()  # the SHA-256 of each part, by its name


class SnapshotPartDocument(Document):
    """A piece of a snapshot; one may belong to several."""

    meta = {"collection": SNAPSHOT_PARTS, "auto_create_index": False, "block_compressor": "zstd"}
    id = StringField(primary_key=True)  # its SHA-256, and which piece
    data = BinaryField(required=True)


class EraDocument(Document):
    """Segments from one to another, whose pages are all there."""

    meta = {"collection": ERAS, "auto_create_index": False}
    id = LongField(primary_key=True)  # its first segment
    next = LongField(required=True)  # the first of the era after it
    head = BinaryField(required=True)  # the hash of its last segment
    accounts = LongField(required=True)  # how many there were at its end


class PageDocument(Document):
    """What an era did to a block of accounts; see ``engine.eras.Page``."""

    meta = {"collection": PAGES, "auto_create_index": False, "block_compressor": "zstd"}
    id = LongField(primary_key=True)  # the block, then in 40 bits the era's first segment
    opening_posted = BinaryField(required=True)
    opening_available = BinaryField()  # absent where it is all as posted
    account = BinaryField(required=True)
    segment = BinaryField(required=True)
    posted = BinaryField(required=True)
    available = BinaryField()  # absent where it is all as posted


class NumberedAccountDocument(Document):
    """The number of an account, and the segment that opened it."""

    meta = {
        "collection": NUMBERED,
        "auto_create_index": False,
        "indexes": ["path"],
    }
    id = LongField(primary_key=True)
    path = StringField(required=True)
    currency = StringField(required=True)
    opened = LongField(required=True)
