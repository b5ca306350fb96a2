"""How photos lie in MongoDB: GridFS, and a list of files that no lot shows."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, Document, IntField, StringField


class PhotoFileDocument(Document):
    """The head of one file, as GridFS writes it."""

    meta = {
        "collection": "photos.files",
        "auto_create_index": False,
        "indexes": [("filename", "upload_date")],  # which GridFS would make itself
    }
    id = StringField(primary_key=True)
    filename = StringField()
    upload_date = DateTimeField(db_field="uploadDate")


class PhotoChunkDocument(Document):
    """A piece of a file, as GridFS writes it."""

    meta = {
        "collection": "photos.chunks",
        "auto_create_index": False,
        "indexes": [{"fields": ["files_id", "n"], "unique": True}],
    }
    files_id = StringField()
    n = IntField()


class LoosePhotoDocument(Document):
    """A file that no lot shows: not yet, or no more. Sooner or later it is swept away."""

    meta = {
        "collection": "loose_photos",
        "auto_create_index": False,
        "indexes": ["since"],
    }
    id = StringField(primary_key=True)
    since = DateTimeField(required=True)
    is_going = BooleanField()  # it is being deleted, and can be shown no more
