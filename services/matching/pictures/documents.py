"""How pictures lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    LongField,
    StringField,
)


class PictureDocument(Document):
    """One host's picture as it was last drawn; it can be drawn anew from the sources any time.

    ``tags`` are those her people care about. Tags in ``people`` and ``shown`` are lists: a tag
    may hold any character.
    """

    meta = {
        "collection": "pictures",
        "auto_create_index": False,
        "indexes": [
            ("tags", "-largest", "id"),
            {"fields": ["due", "failures", "id"], "partialFilterExpression": {"due": True}},
        ],
    }
    id = StringField(primary_key=True)  # the host's
    due = BooleanField(required=True)
    failures = IntField()  # how often it could not be drawn since it last was
    marks = LongField()  # how often it was marked; absent when it never was
    tags = ListField(StringField())
    largest = IntField()
    people = ListField(DictField())
    shown = ListField(DictField())
    begun = ListField(DateTimeField())
    gatherings = IntField()
    trade = DictField()
    record = DictField()
    claimed = DictField(default=None)  # absent of pictures that were drawn before it
