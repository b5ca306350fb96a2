"""What hosts can find of a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Field(StrEnum):
    """Where words are looked for, in the order in which finding them there counts."""

    TITLE = "title"
    TAGS = "tags"
    ARTICLES = "articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A lot on offer, as far as searches ask about it.

    Words are looked for in ``title``, in ``tags``, the category first, and in ``articles``,
    their names and numbers, each on a line of its own. ``condition`` is 0 for the best there
    is, and more for worse. ``pack_price`` is what a pack usually sells for, in minor units;
    ``place`` is longitude and latitude in degrees (WGS 84). ``city`` and ``regions``, where
    alone its goods may go if there are any, are tidy.
    """

    lot_id: str
    brand_id: str
    title: str
    tags: str
    articles: str
    category: str
    city: str
    condition: int
    pack_price: int
    published_at: datetime
    ends_at: datetime
    regions: tuple[str, ...] = ()
    best_before: datetime | None = None
    place: tuple[float, float] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What words are looked for in, a text for each ``Field``."""
        return self.title, self.tags, self.articles
