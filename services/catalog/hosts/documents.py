"""How hosts' records lie in MongoDB: shapes and indexes, no behaviour."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, StringField


class HostRecordDocument(Document):
    """One host that has a record; newcomers have no document."""

    meta = {"collection": "host_records", "auto_create_index": False}
    id = StringField(primary_key=True)  # the host's
    since = DateTimeField(required=True)
