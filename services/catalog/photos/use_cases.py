"""What can be done with photos: show one on a lot, take it off, look at it, sweep."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from chassis.kernel.ids import Ids
from services.catalog.lots.domain import StockLot
from services.catalog.lots.engine.photos import Photo, PhotoKind
from services.catalog.lots.use_cases import Lots, own_lot
from services.catalog.photos.engine.encode import encode

LOOSE_FOR = timedelta(hours=1)
"""How long a file may wait to be shown; far longer than a request takes."""

Result = TypeVar("Result")


class Transaction(Protocol):
    """Runs work so that all of it is stored, or none."""

    def __call__(self, work: Callable[[], Result]) -> Result:
        """Run it, again from the start when writers collide."""
        ...


class Pictures(Protocol):
    """The files of photos, wherever they are kept."""

    def put(self, photo_id: str, body: bytes, *, at: datetime) -> None:
        """Store a file that no lot shows yet; in no transaction."""
        ...

    def keep(self, photo_id: str) -> None:
        """From now on a lot shows it; raise ``Conflict`` when it was swept meanwhile."""
        ...

    def drop(self, photo_id: str, *, at: datetime) -> None:
        """From now on no lot shows it."""
        ...

    def read(self, photo_id: str) -> bytes:
        """The file; raise ``PhotoNotFound`` unless a lot shows it."""
        ...

    def sweep(self, before: datetime, *, limit: int) -> int:
        """Delete files that no lot has shown since then; answer how many. In no transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPhoto:
    """A brand's wish to show a photo on its lot."""

    lot_id: str
    brand_id: str
    body: bytes
    media_type: str
    kind: PhotoKind
    alt_en: str
    alt_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePhoto:
    """A brand's wish to take a photo off its lot."""

    lot_id: str
    brand_id: str
    photo_id: str


def add_photo(
    command: AddPhoto,
    *,
    lots: Lots,
    pictures: Pictures,
    transaction: Transaction,
    ids: Ids,
    now: datetime,
) -> StockLot:
    """Encode a photo anew and show it; sent again, only what is said of it changes.

    The slow work is done first, and what a refusal leaves behind is swept.
    """
    album = own_lot(command.lot_id, command.brand_id, lots=lots).album
    digest = hashlib.sha256(command.body).hexdigest()
    album.must_have_room_for(digest)
    photo = album.sent_as(digest) or _stored(command, digest, pictures, ids, now)
    said = replace(photo, kind=command.kind, alt_en=command.alt_en, alt_zh=command.alt_zh)
    return transaction(lambda: _shown(said, command, lots, pictures, now))


def remove_photo(
    command: RemovePhoto, *, lots: Lots, pictures: Pictures, now: datetime
) -> StockLot:
    """Take a photo off a lot; its file is swept."""
    lot = own_lot(command.lot_id, command.brand_id, lots=lots)
    decision = lot.show(lot.album.without(command.photo_id), at=now)
    pictures.drop(command.photo_id, at=now)
    return lots.save(decision)


def sweep_pictures(*, pictures: Pictures, now: datetime, limit: int = 100) -> int:
    """Delete files that no lot shows; answer how many were looked at."""
    return pictures.sweep(now - LOOSE_FOR, limit=limit)


def _stored(command: AddPhoto, digest: str, pictures: Pictures, ids: Ids, now: datetime) -> Photo:
    picture = encode(command.body, command.media_type)
    photo = Photo(
        id=ids("pho"),
        kind=command.kind,
        alt_en=command.alt_en,
        alt_zh=command.alt_zh,
        width=picture.width,
        height=picture.height,
        digest=digest,
        added_at=now,
    )
    pictures.put(photo.id, picture.body, at=now)
    return photo


def _shown(
    photo: Photo, command: AddPhoto, lots: Lots, pictures: Pictures, now: datetime
) -> StockLot:
    lot = own_lot(command.lot_id, command.brand_id, lots=lots)
    album = lot.album.with_photo(photo)
    if photo in album.photos:  # else the same photo came twice at once, under another id
        pictures.keep(photo.id)
    return lots.save(lot.show(album, at=now))
