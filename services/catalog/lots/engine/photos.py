"""The photos of a lot: what is known of each, and how many there may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.errors import NotFound, RuleBroken

MOST_PHOTOS = 12


class PhotoNotFound(NotFound):
    """There is no such photo."""

    code = "photo-not-found"
    hint = "Take the photo's identifier from its lot."
    chinese = "没有这张照片，请从批次中查看照片编号。"


class TooManyPhotos(RuleBroken):
    """The lot has as many photos as a lot may have."""

    code = "too-many-photos"
    hint = "Remove a photo first."
    chinese = "该批次的照片数量已达上限，请先删除一张。"


class PhotoKind(StrEnum):
    """What a photo shows: these very goods, or goods like them."""

    ACTUAL = "actual"
    STOCK = "stock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo; ``digest`` is the SHA-256 of what was sent, before it was encoded anew."""

    id: str
    kind: PhotoKind
    alt_en: str
    alt_zh: str
    width: int
    height: int
    digest: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Album:
    """The photos of one lot, in the order they were added; none was sent twice."""

    photos: tuple[Photo, ...] = ()

    @property
    def has_actual_photo(self) -> bool:
        """Whether hosts can see the very goods."""
        return any(photo.kind is PhotoKind.ACTUAL for photo in self.photos)

    def sent_as(self, digest: str) -> Photo | None:
        """The photo that was sent as a file with this digest."""
        return next((photo for photo in self.photos if photo.digest == digest), None)

    def must_have_room_for(self, digest: str) -> None:
        """Raise ``TooManyPhotos`` unless this one is here already or may still come."""
        if len(self.photos) >= MOST_PHOTOS and self.sent_as(digest) is None:
            raise TooManyPhotos(f"{len(self.photos)} already", most=MOST_PHOTOS)

    def with_photo(self, photo: Photo) -> Album:
        """Add a photo, or, of one that was sent before, only change what is said of it."""
        self.must_have_room_for(photo.digest)
        known = self.sent_as(photo.digest)
        if known is None:
            return Album((*self.photos, photo))
        said = replace(known, kind=photo.kind, alt_en=photo.alt_en, alt_zh=photo.alt_zh)
        return Album(tuple(said if each is known else each for each in self.photos))

    def without(self, photo_id: str) -> Album:
        """Take a photo out; raise ``PhotoNotFound``."""
        left = tuple(photo for photo in self.photos if photo.id != photo_id)
        if len(left) == len(self.photos):
            raise PhotoNotFound(f"no photo {photo_id}")
        return Album(left)


NO_PHOTOS = Album()
