"""Photos' port in memory, and a photo to start a test from."""

from __future__ import annotations

from datetime import datetime

from chassis.kernel.errors import Conflict
from services.catalog.lots.engine.photos import Photo, PhotoKind, PhotoNotFound
from tests.unit.catalog.fakes import NOW, an_id


def a_photo(**changes) -> Photo:
    given = {
        "id": an_id("pho"),
        "kind": PhotoKind.ACTUAL,
        "alt_en": "Hair clips in a box",
        "alt_zh": "一盒发夹",
        "width": 1600,
        "height": 1200,
        "digest": "5a" * 32,
        "added_at": NOW,
    }
    return Photo(**given | changes)


class FakePictures:
    """``Pictures`` in dicts."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.loose: dict[str, datetime] = {}

    def put(self, photo_id, body, *, at):
        self.loose[photo_id] = at
        self.files[photo_id] = body

    def keep(self, photo_id):
        if photo_id not in self.files:
            raise Conflict(f"photo {photo_id} was swept away meanwhile")
        self.loose.pop(photo_id, None)

    def drop(self, photo_id, *, at):
        self.loose[photo_id] = at

    def read(self, photo_id):
        if photo_id in self.loose or photo_id not in self.files:
            raise PhotoNotFound(f"no photo {photo_id}")
        return self.files[photo_id]

    def sweep(self, before, *, limit):
        found = sorted(key for key, since in self.loose.items() if since <= before)[:limit]
        for photo_id in found:
            del self.loose[photo_id]
            self.files.pop(photo_id, None)
        return len(found)
