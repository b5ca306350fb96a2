"""The columns of an import file: how each cell is read, and what may be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any, NamedTuple

from chassis.kernel.formulas import is_formula, unmarked
from chassis.kernel.time import in_milliseconds, to_rfc3339
from services.catalog.imports.engine.records import CellWrong
from services.catalog.lots.domain import Condition, tidy_tags

GREATEST_COUNT = 1_000_000
GREATEST_PACKS = 200_000_000  # of a lot with as many lines as a manifest may have
LONGEST_TEXT = 120
LONGEST_NUMBER = 60
MOST_TAGS = 20
LONGEST_TAG = 40
NOTE_MARK = "# "  # begins the line of a template that says what the columns mean

# What MongoDB, UTF-8 or a spreadsheet's row could not hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PRICE = re.compile(r"^\d{1,14}(?:\.(\d{1,2})0*)?$")
_COUNT = re.compile(r"^\d{1,10}$")
_BETWEEN = re.compile("[;；]")
# A bare date means the day as the brand's market has it.
_MARKET = timezone(timedelta(hours=8))
_DAY = timedelta(days=1)


class Said(NamedTuple):
    """Something said in both languages: why a line is not taken, what a column means."""

    english: str
    chinese: str


REASONS = {
    "missing": Said("The cell is empty.", "单元格为空。"),
    "too-long": Said("The text is too long.", "文字过长。"),
    "formula": Said(
        "The text starts like a formula (= + - @); put an apostrophe before it.",
        "文字以 = + - @ 开头，会被当作公式；请在前面加英文单引号。",
    ),
    "formula-without-value": Said(
        "The cell is a formula whose value the file does not hold; paste the value.",
        "单元格是没有计算结果的公式，请粘贴为数值。",
    ),
    "spreadsheet-error": Said(
        "The cell shows an error of the spreadsheet, such as #N/A.",
        "单元格显示表格错误，例如 #N/A。",
    ),
    "not-text": Said(
        "Neither text nor a number.",
        "既不是文字也不是数字。",
    ),
    "control-character": Said(
        "The text holds a line break or control character.", "文字中含有换行或控制字符。"
    ),
    "not-a-condition": Said(
        f"Not a condition; use one of {', '.join(Condition)}.",
        f"成色无效，请使用：{'、'.join(Condition)}。",
    ),
    "not-a-price": Said(
        "Not a price in yuan with at most two decimals, such as 12.50.",
        "价格无效，请以元填写，最多两位小数，例如 12.50。",
    ),
    "not-a-count": Said(
        f"Not a whole number from 1 to {GREATEST_COUNT}.",
        f"数量无效，请填写 1 至 {GREATEST_COUNT} 的整数。",
    ),
    "not-a-date": Said(
        "Not a date such as 2026-12-31, nor a time such as 2026-12-31T18:00:00+08:00.",
        "日期无效，请按 2026-12-31 或 2026-12-31T18:00:00+08:00 填写。",
    ),
    "too-many-tags": Said(f"More than {MOST_TAGS} tags.", f"标签超过 {MOST_TAGS} 个。"),
    "cells": Said(
        "The line has another number of cells than the header.", "该行列数与表头不一致。"
    ),
    "line-too-long": Said("The line is too long.", "该行过长。"),
    "duplicate": Said(
        "The file lists this lot already (same lot_number, or same sku, condition and "
        "best-before).",
        "文件中已有相同批次（批次号相同，或货号、成色、保质期均相同）。",
    ),
    "no-such-lot": Said(
        "You have no lot of this number; numbers that start with lot_ are given by Teahouse.",
        "没有这个编号的批次；以 lot_ 开头的编号由平台分配。",
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its names and meaning, how a cell of it is read, and written again."""

    name: str
    chinese: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    example: str
    meaning: Said
    required: bool = True


def _text(cell: str, longest: int = LONGEST_TEXT) -> str:
    if is_formula(cell):
        raise CellWrong("formula")
    text = unmarked(cell)
    if len(text) > longest:
        raise CellWrong("too-long")
    if _CONTROL.search(text):
        raise CellWrong("control-character")
    return text


def _number(cell: str) -> str:
    return _text(cell, LONGEST_NUMBER)


def _category(cell: str) -> str:
    return _text(cell).lower()


def _tags(cell: str) -> tuple[str, ...]:
    if is_formula(cell):
        raise CellWrong("formula")
    tags = tidy_tags(_BETWEEN.split(unmarked(cell)))
    if len(tags) > MOST_TAGS:
        raise CellWrong("too-many-tags")
    for tag in tags:
        if len(tag) > LONGEST_TAG:
            raise CellWrong("too-long")
        if _CONTROL.search(tag):
            raise CellWrong("control-character")
    return tags


def _joined(tags: Iterable[str]) -> str:
    """The tags in one cell; where one holds what stands between them, a blank takes its place."""
    return ";".join(tidy_tags(_BETWEEN.sub(" ", tag) for tag in tags))


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


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def _count(cell: str, least: int = 1, greatest: int = GREATEST_COUNT) -> int:
    if not cell.isascii() or not _COUNT.match(cell) or not least <= int(cell) <= greatest:
        raise CellWrong("not-a-count")
    return int(cell)


def _packs(cell: str) -> int:
    """As many as a lot may have come to have; a new one must have as many as a count says."""
    return _count(cell, 0, GREATEST_PACKS)


def _moment(cell: str) -> datetime:
    """A time with its zone, or a date, which lasts until its midnight in the market."""
    try:
        moment = datetime.fromisoformat(cell)
        if len(cell) == len("2026-12-31"):
            moment = moment.replace(tzinfo=_MARKET) + _DAY
        if moment.tzinfo is None:
            raise CellWrong("not-a-date")
        return in_milliseconds(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise CellWrong("not-a-date") from None


def _written(moment: datetime) -> str:
    """The shortest text that is read as this moment again."""
    local = moment.astimezone(_MARKET)
    if local.time() == time():
        return (local - _DAY).date().isoformat()
    return to_rfc3339(moment)


COLUMNS = (
    Column(
        "lot_number",
        "批次号",
        _number,
        str,
        "2030-HC-7",
        Said(
            "Your own number for the lot, or the one Teahouse gave it. A line whose number "
            "you have a lot of changes that lot's packs and never makes a second one.",
            "您自己的批次号，或平台分配的编号。批次号已存在时只更新该批次的包数，不会重复创建。",
        ),
        required=False,
    ),
    Column(
        "sku",
        "货号",
        _text,
        str,
        "HC-204",
        Said("Your article number.", "您的商品货号。"),
    ),
    Column(
        "title",
        "标题",
        _text,
        str,
        "Hair clips, spring colours",
        Said("What hosts read, up to 120 characters.", "主理人看到的标题，最多 120 字。"),
    ),
    Column(
        "category",
        "品类",
        _category,
        str,
        "accessories",
        Said("The kind of goods.", "商品品类。"),
    ),
    Column(
        "tags",
        "标签",
        _tags,
        _joined,
        "hair;spring",
        Said("Up to 20 words, with ; between them.", "最多 20 个标签，用分号隔开。"),
        required=False,
    ),
    Column(
        "city",
        "城市",
        _text,
        str,
        "上海",
        Said("Where the goods may be used; empty: everywhere.", "可用城市，留空表示全国。"),
        required=False,
    ),
    Column(
        "condition",
        "成色",
        _condition,
        str,
        "new",
        Said(f"One of {', '.join(Condition)}.", f"可填：{'、'.join(Condition)}。"),
    ),
    Column(
        "unit_price",
        "单价",
        _fen,
        _yuan,
        "12.50",
        Said("What a piece usually sells for, in yuan.", "单件通常售价，单位元。"),
    ),
    Column(
        "units_per_pack",
        "每包件数",
        _count,
        str,
        "10",
        Said("How many pieces are in a pack.", "每包的件数。"),
    ),
    Column(
        "packs",
        "包数",
        _packs,
        str,
        "40",
        Said(
            "How many packs there are in all, those that hosts have taken among them.",
            "总包数，包括主理人已认领的。",
        ),
    ),
    Column(
        "max_packs_per_host",
        "每主理人上限",
        _count,
        str,
        "5",
        Said("The most packs a host may hold; empty: all.", "每位主理人最多可领包数，留空不限。"),
        required=False,
    ),
    Column(
        "min_community_size",
        "社群最少人数",
        _count,
        str,
        "20",
        Said("How many people a host must know; empty: 1.", "主理人社群的最少人数，留空为 1。"),
        required=False,
    ),
    Column(
        "best_before",
        "保质期",
        _moment,
        _written,
        "",
        Said("The last day, or a time with its zone.", "最后一天，或带时区的时间。"),
        required=False,
    ),
    Column(
        "closes_at",
        "截止时间",
        _moment,
        _written,
        "2030-12-31",
        Said(
            "The last day for claims, or a time with its zone.", "认领的最后一天，或带时区的时间。"
        ),
    ),
)
NAMES = {column.name: column for column in COLUMNS} | {
    column.chinese: column for column in COLUMNS
}
