"""Photos kept in GridFS, which takes part in no transaction.

So a file is first noted as loose, then written; the transaction that shows it on a lot
takes the note away. What stays loose was never shown, and is swept.
"""

from __future__ import annotations

import contextlib
from datetime import datetime

from gridfs import GridFSBucket
from gridfs.errors import NoFile

from chassis.kernel.errors import Conflict
from chassis.mongo import collection, database
from services.catalog.lots.engine.photos import PhotoNotFound

BUCKET = "photos"
LOOSE = "loose_photos"


class MongoPictures:
    """The ``Pictures`` port over GridFS and ``loose_photos``."""

    def put(self, photo_id: str, body: bytes, *, at: datetime) -> None:
        collection(LOOSE).insert_one({"_id": photo_id, "since": at})
        _bucket().upload_from_stream_with_id(photo_id, photo_id, body)

    def keep(self, photo_id: str) -> None:
        known = collection(f"{BUCKET}.files").find_one({"_id": photo_id}, {"_id": 1})
        is_going = collection(LOOSE).find_one({"_id": photo_id, "is_going": True})
        if known is None or is_going:
            raise Conflict(f"photo {photo_id} was swept away meanwhile")
        collection(LOOSE).delete_one({"_id": photo_id})

    def drop(self, photo_id: str, *, at: datetime) -> None:
        collection(LOOSE).insert_one({"_id": photo_id, "since": at})

    def read(self, photo_id: str) -> bytes:
        if collection(LOOSE).find_one({"_id": photo_id}) is not None:
            raise PhotoNotFound(f"no photo {photo_id}")
        try:
            with _bucket().open_download_stream(photo_id) as file:
                body: bytes = file.read()
        except NoFile:
            raise PhotoNotFound(f"no photo {photo_id}") from None
        return body

    def sweep(self, before: datetime, *, limit: int) -> int:
        loose = collection(LOOSE).find({"since": {"$lte": before}}).sort("since", 1).limit(limit)
        found = [row["_id"] for row in loose]
        for photo_id in found:
            # From here on no lot can show it; of one shown meanwhile there is no note.
            marked = collection(LOOSE).update_one({"_id": photo_id}, {"$set": {"is_going": True}})
            if not marked.matched_count:
                continue
            with contextlib.suppress(NoFile):  # only part of it was ever written
                _bucket().delete(photo_id)
            collection(LOOSE).delete_one({"_id": photo_id})
        return len(found)


def _bucket() -> GridFSBucket:
    return GridFSBucket(database(), BUCKET)
