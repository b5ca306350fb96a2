"""What the cells of an import file say: each kind read, and written again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from chassis.kernel.formulas import is_formula, unmarked
from chassis.kernel.time import CALENDAR, in_milliseconds, to_rfc3339
from services.catalog.imports.engine.records import CellWrong
from services.catalog.lots.domain import Condition, Place, tidy_tags
from services.catalog.lots.engine.bounds import GREATEST_COUNT
from services.catalog.lots.engine.restrictions import Channel

GREATEST_PACKS = 200_000_000  # of a lot with as many lines as a manifest may have
LONGEST_TEXT = 120
LONGEST_NUMBER = 60
MOST_TAGS = 20
LONGEST_TAG = 40
MOST_REGIONS = 100
LONGEST_REGION = 60

# What MongoDB, UTF-8 or a spreadsheet's row could not hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PRICE = re.compile(r"^\d{1,14}(?:\.(\d{1,2})0*)?$")
_COUNT = re.compile(r"^\d{1,10}$")
_BETWEEN = re.compile("[;；]")
_DEGREES = r"(-?\d{1,3}(?:\.\d{1,20})?(?:e-\d{1,3})?)"
_PLACE = re.compile(f"^{_DEGREES} *[,，] *{_DEGREES}$")
_FARTHEST_EAST, _FARTHEST_NORTH = 180, 90
_YES, _NO = frozenset({"yes", "是"}), frozenset({"no", "否"})
# A bare date means the day as the brand's market has it.
_DAY = timedelta(days=1)


def text_of(cell: str, longest: int = LONGEST_TEXT) -> str:
    """One line of text; raise ``CellWrong`` as every reader here does."""
    if is_formula(cell):
        raise CellWrong("formula")
    text = unmarked(cell)
    if len(text) > longest:
        raise CellWrong("too-long")
    if _CONTROL.search(text):
        raise CellWrong("control-character")
    return text


def number_of(cell: str) -> str:
    """A lot's number."""
    return text_of(cell, LONGEST_NUMBER)


def category_of(cell: str) -> str:
    """A category, which has no capitals."""
    return text_of(cell).lower()


def tags_of(cell: str) -> tuple[str, ...]:
    """Words in lower case, each once."""
    tags = _words(cell, LONGEST_TAG)
    if len(tags) > MOST_TAGS:
        raise CellWrong("too-many-tags")
    return tags


def regions_of(cell: str) -> tuple[str, ...]:
    """Cities as communities name theirs."""
    regions = _words(cell, LONGEST_REGION)
    if len(regions) > MOST_REGIONS:
        raise CellWrong("too-many-regions")
    return regions


def channels_of(cell: str) -> tuple[Channel, ...]:
    """Where people get the goods from a host."""
    try:
        return tuple(map(Channel, _words(cell, LONGEST_TAG)))
    except ValueError:
        raise CellWrong("not-a-channel") from None


def place_of(cell: str) -> Place:
    """Longitude and latitude in degrees; behind an apostrophe where it starts with a minus."""
    found = _PLACE.match(unmarked(cell)) if cell.isascii() or "，" in cell else None
    if found is None:
        raise CellWrong("not-a-place")
    place = Place(*map(float, found.groups()))
    if abs(place.longitude) > _FARTHEST_EAST or abs(place.latitude) > _FARTHEST_NORTH:
        raise CellWrong("not-a-place")
    return place


def degrees(place: Place) -> str:
    """The shortest text that is read as this place again."""
    return f"{place.longitude!r},{place.latitude!r}"


def yes_or_no_of(cell: str) -> bool:
    """Whether something holds."""
    word = cell.lower()
    if word not in _YES | _NO:
        raise CellWrong("not-yes-or-no")
    return word in _YES


def yes_or_no(holds: bool) -> str:  # noqa: FBT001 - the value of a cell, like any other
    """What a cell says of it."""
    return "yes" if holds else "no"


def _words(cell: str, longest: int) -> tuple[str, ...]:
    if is_formula(cell):
        raise CellWrong("formula")
    words = tidy_tags(_BETWEEN.split(unmarked(cell)))
    for word in words:
        if len(word) > longest:
            raise CellWrong("too-long")
        if _CONTROL.search(word):
            raise CellWrong("control-character")
    return words


def joined(tags: Iterable[str]) -> str:
    """The tags in one cell; where one holds what stands between them, a blank takes its place."""
    return ";".join(tidy_tags(_BETWEEN.sub(" ", tag) for tag in tags))


def condition_of(cell: str) -> Condition:
    """A step of the scale."""
    try:
        return Condition(cell.lower())
    except ValueError:
        raise CellWrong("not-a-condition") from None


def fen_of(cell: str) -> int:
    """Yuan to fen, without a float in between."""
    if not cell.isascii() or not _PRICE.match(cell):
        raise CellWrong("not-a-price")
    yuan, _, decimals = cell.partition(".")
    return int(yuan) * 100 + int(decimals[:2].ljust(2, "0"))


def price_of(cell: str) -> int:
    """Yuan to fen, of something that is not free."""
    fen = fen_of(cell)
    if fen == 0:
        raise CellWrong("not-a-price")
    return fen


def yuan(fen: int) -> str:
    """Fen to yuan."""
    return f"{fen // 100}.{fen % 100:02}"


def count_of(cell: str, least: int = 1, greatest: int = GREATEST_COUNT) -> int:
    """A whole number."""
    if not cell.isascii() or not _COUNT.match(cell) or not least <= int(cell) <= greatest:
        raise CellWrong("not-a-count")
    return int(cell)


def packs_of(cell: str) -> int:
    """As many as a lot may have come to have; a new one must have as many as a count says."""
    return count_of(cell, 0, GREATEST_PACKS)


def moment_of(cell: str) -> datetime:
    """A time with its zone, or a date, which lasts until its midnight in the market."""
    try:
        moment = datetime.fromisoformat(cell)
        if len(cell) == len("2026-12-31"):
            moment = moment.replace(tzinfo=CALENDAR) + _DAY
        if moment.tzinfo is None:
            raise CellWrong("not-a-date")
        return in_milliseconds(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise CellWrong("not-a-date") from None


def day_or_time(moment: datetime) -> str:
    """The shortest text that is read as this moment again."""
    local = moment.astimezone(CALENDAR)
    if local.time() == time():
        return (local - _DAY).date().isoformat()
    return to_rfc3339(moment)
