"""The columns of an import file: how each cell is read, and what may be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from chassis.kernel.time import in_milliseconds
from services.catalog.lots.domain import Condition, tidy_tags

GREATEST_COUNT = 1_000_000
LONGEST_TEXT = 120
MOST_TAGS = 20
LONGEST_TAG = 40

# A spreadsheet runs a cell that starts so; what we take in, others will open again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PRICE = re.compile(r"^\d{1,8}(?:\.(\d{1,2})0*)?$")
_COUNT = re.compile(r"^\d{1,10}$")
# A bare date means the day as the brand's market has it.
_MARKET = timezone(timedelta(hours=8))


class CellWrong(ValueError):
    """A cell cannot be read; the code is one of ``REASONS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reason(NamedTuple):
    """Why a line is not taken, in both languages."""

    english: str
    chinese: str


REASONS = {
    "missing": Reason("The cell is empty.", "单元格为空。"),
    "too-long": Reason("The text is too long.", "文字过长。"),
    "formula": Reason(
        "The text starts like a formula (= + - @).", "文字以 = + - @ 开头，会被当作公式。"
    ),
    "control-character": Reason(
        "The text holds a line break or control character.", "文字中含有换行或控制字符。"
    ),
    "not-a-condition": Reason(
        f"Not a condition; use one of {', '.join(Condition)}.",
        f"成色无效，请使用：{'、'.join(Condition)}。",
    ),
    "not-a-price": Reason(
        "Not a price in yuan with at most two decimals, such as 12.50.",
        "价格无效，请以元填写，最多两位小数，例如 12.50。",
    ),
    "not-a-count": Reason(
        f"Not a whole number from 1 to {GREATEST_COUNT}.",
        f"数量无效，请填写 1 至 {GREATEST_COUNT} 的整数。",
    ),
    "not-a-date": Reason(
        "Not a date such as 2026-12-31, nor a time such as 2026-12-31T18:00:00+08:00.",
        "日期无效，请按 2026-12-31 或 2026-12-31T18:00:00+08:00 填写。",
    ),
    "too-many-tags": Reason(f"More than {MOST_TAGS} tags.", f"标签超过 {MOST_TAGS} 个。"),
    "cells": Reason(
        "The line has another number of cells than the header.", "该行列数与表头不一致。"
    ),
    "line-too-long": Reason("The line is too long.", "该行过长。"),
    "duplicate": Reason(
        "The file lists these goods already (same sku, condition and best-before).",
        "文件中已有相同货物（货号、成色、保质期均相同）。",
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its names, how a cell of it is read, what an empty cell means."""

    name: str
    chinese: str
    read: Callable[[str], Any]
    example: str
    required: bool = True
    empty: Any = None


def _text(cell: str) -> str:
    if len(cell) > LONGEST_TEXT:
        raise CellWrong("too-long")
    if cell.startswith(_FORMULA):
        raise CellWrong("formula")
    if _CONTROL.search(cell):
        raise CellWrong("control-character")
    return cell


def _tags(cell: str) -> tuple[str, ...]:
    tags = tidy_tags(re.split("[;；]", cell))
    if len(tags) > MOST_TAGS:
        raise CellWrong("too-many-tags")
    for tag in tags:
        _text(tag)
        if len(tag) > LONGEST_TAG:
            raise CellWrong("too-long")
    return tags


def _condition(cell: str) -> Condition:
    try:
        return Condition(cell.lower())
    except ValueError:
        raise CellWrong("not-a-condition") from None


def _fen(cell: str) -> int:
    """Yuan to fen, without a float in between."""
    if not cell.isascii() or not _PRICE.match(cell):
        raise CellWrong("not-a-price")
    yuan, _, decimals = cell.partition(".")
    return int(yuan) * 100 + int(decimals[:2].ljust(2, "0"))


def _count(cell: str) -> int:
    if not cell.isascii() or not _COUNT.match(cell) or not 1 <= int(cell) <= GREATEST_COUNT:
        raise CellWrong("not-a-count")
    return int(cell)


def _moment(cell: str) -> datetime:
    """A time with its zone, or a date, which lasts until its midnight in the market."""
    try:
        moment = datetime.fromisoformat(cell)
        if len(cell) == len("2026-12-31"):
            moment = moment.replace(tzinfo=_MARKET) + timedelta(days=1)
        if moment.tzinfo is None:
            raise CellWrong("not-a-date")
        return in_milliseconds(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise CellWrong("not-a-date") from None


COLUMNS = (
    Column("sku", "货号", _text, "HC-204"),
    Column("title", "标题", _text, "Hair clips, spring colours"),
    Column("category", "品类", _text, "accessories"),
    Column("tags", "标签", _tags, "hair;spring", required=False, empty=()),
    Column("city", "城市", _text, "上海", required=False, empty=""),
    Column("condition", "成色", _condition, "new"),
    Column("unit_price", "单价", _fen, "12.50"),
    Column("units_per_pack", "每包件数", _count, "10"),
    Column("packs", "包数", _count, "40"),
    Column("max_packs_per_host", "每主理人上限", _count, "5", required=False),
    Column("min_community_size", "社群最少人数", _count, "20", required=False, empty=1),
    Column("best_before", "保质期", _moment, "", required=False),
    Column("closes_at", "截止时间", _moment, "2030-12-31"),
)
NAMES = {column.name: column for column in COLUMNS} | {
    column.chinese: column for column in COLUMNS
}
