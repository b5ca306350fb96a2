"""Lots as the CSV sheets that brands import, a few broken lines among them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from teahouse.demo.goods import FRESH, SurplusLot
from teahouse.demo.journey.stories import Story
from teahouse.demo.people import city_of
from teahouse.demo.words import slug, title

HEADER = (
    "sku",
    "title",
    "category",
    "tags",
    "city",
    "condition",
    "unit_price",
    "units_per_pack",
    "packs",
    "max_packs_per_host",
    "min_community_size",
    "best_before",
    "closes_at",
)
OPEN_DAYS = 120
FRESH_DAYS = 45
BROKEN_AFTER = 10  # broken lines come after this many good ones
CHINESE = "gb18030"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One brand's CSV: its text, and which of its lines are broken on purpose."""

    maker: int
    text: str
    encoding: str
    lots: int
    broken: tuple[int, ...]

    @property
    def brand(self) -> str:
        return f"Maker {self.maker}"

    @property
    def filename(self) -> str:
        return f"maker-{self.maker:04}.csv"


def sheet(
    maker: int,
    lots: Sequence[SurplusLot],
    *,
    stores: Sequence[int],
    today: date,
    chinese: bool = False,
    with_broken_lines: bool = False,
) -> Sheet:
    """Write the lots of one maker; line numbers count from 1, the header being line 1."""
    rows = [_row(lot, stores=stores, today=today, chinese=chinese) for lot in lots]
    broken = _broken(rows[0]) if with_broken_lines else []
    rows[BROKEN_AFTER:BROKEN_AFTER] = broken
    first = min(BROKEN_AFTER, len(lots)) + 2
    return Sheet(
        maker=maker,
        text=write_rows(rows),
        encoding=CHINESE if chinese else "utf-8",
        lots=len(lots),
        broken=tuple(range(first, first + len(broken))),
    )


def story_sheet(story: Story, *, today: date) -> str:
    """The one lot of a brand whose gathering is told, with goods for several of its kind."""
    row = {
        "sku": story.key,
        "title": story.title,
        "category": story.category,
        "tags": ";".join(story.tags),
        "condition": "new",
        "unit_price": yuan(story.price_fen),
        "units_per_pack": str(story.baskets[-1].units),
        "packs": str(20 * story.people),
        "max_packs_per_host": str(10 * story.people),
        "closes_at": (today + timedelta(days=OPEN_DAYS)).isoformat(),
    }
    return write_rows([[row.get(name, "") for name in HEADER]])


def write_rows(rows: Sequence[Sequence[str]]) -> str:
    """The header and these rows as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return text.getvalue()


def yuan(fen: int) -> str:
    """``31250`` as ``312.50``."""
    return f"{fen // 100}.{fen % 100:02}"


def _row(lot: SurplusLot, *, stores: Sequence[int], today: date, chinese: bool) -> list[str]:
    product = lot.product
    fresh = product.department in FRESH
    return [
        str(product.id),
        _title(lot, chinese=chinese),
        slug(product.category or product.department),
        ";".join(_tags(lot)),
        city_of(lot.store, stores) if lot.store is not None else "",
        "new",
        yuan(lot.price_fen),
        str(lot.units_per_pack),
        str(lot.packs),
        str(max(1, lot.packs // 2)),
        "1",
        (today + timedelta(days=FRESH_DAYS)).isoformat() if fresh else "",
        (today + timedelta(days=OPEN_DAYS)).isoformat(),
    ]


def _title(lot: SurplusLot, *, chinese: bool) -> str:
    product = lot.product
    name = title(product.kind or product.category or product.department)
    size = f" {product.size}" if product.size else ""
    if chinese:
        return f"{name}{size}（厂家 {product.maker}，货号 {product.id}）"
    return f"{name}{size} (maker {product.maker}, no. {product.id})"


def _tags(lot: SurplusLot) -> list[str]:
    product = lot.product
    names = (product.category, product.kind, product.department)
    return list(dict.fromkeys(slug(name) for name in names if name))


def _broken(good: Sequence[str]) -> list[list[str]]:
    """Six ways in which real sheets are wrong, made from a good row."""
    by_name = dict(zip(HEADER, good, strict=True))
    wrong = (
        {"title": ""},
        {"unit_price": "-3.00"},
        {"unit_price": "3.999"},
        {"packs": "2.5"},
        {"condition": "as good as my word"},
        {"closes_at": "2019-01-01"},
    )
    return [
        list((by_name | {"sku": f"{by_name['sku']}-{number}"} | change).values())
        for number, change in enumerate(wrong, start=1)
    ]
