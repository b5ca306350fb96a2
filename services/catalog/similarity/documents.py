"""How prints lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, ListField, LongField, StringField


class MarksDocument(Document):
    """By what one published version is found; apart from its print, to be read by the thousand."""

    meta = {"collection": "cartridge_marks", "auto_create_index": False, "indexes": ["marks"]}
    id = StringField(primary_key=True)  # the digest
    cartridge_id = StringField(required=True)
    author_id = StringField(required=True)
    ancestors = ListField(StringField())
    marks = ListField(LongField())


class PrintDocument(Document):
    """What is compared of one published version, and what it was like at its publication."""

    meta = {"collection": "cartridge_prints", "auto_create_index": False}
    id = StringField(primary_key=True)  # the digest
    cartridge_id = StringField(required=True)
    author_id = StringField(required=True)
    name = StringField(required=True)
    number = StringField(required=True)
    published_at = DateTimeField(required=True)
    ancestors = ListField(StringField())
    passages = ListField(ListField(StringField()))  # paths hold dots: no keys
    structure = ListField(DictField())
    report = DictField()
