"""The columns of an import file: how each cell is read, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.catalog.imports.engine.cells import (
    MOST_REGIONS,
    MOST_TAGS,
    category_of,
    channels_of,
    condition_of,
    count_of,
    day_or_time,
    degrees,
    fen_of,
    joined,
    moment_of,
    number_of,
    packs_of,
    place_of,
    price_of,
    regions_of,
    tags_of,
    text_of,
    yes_or_no,
    yes_or_no_of,
    yuan,
)
from services.catalog.lots.domain import Condition
from services.catalog.lots.engine.bounds import GREATEST_COUNT
from services.catalog.lots.engine.restrictions import Channel

NOTE_MARK = "# "  # begins the line of a template that says what the columns mean


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
    "too-many-regions": Said(
        f"More than {MOST_REGIONS} regions.", f"许可地区超过 {MOST_REGIONS} 个。"
    ),
    "not-a-channel": Said(
        f"Not a channel; use {', '.join(Channel)}, with ; between them.",
        f"渠道无效，请使用：{'、'.join(Channel)}，用分号隔开。",
    ),
    "not-a-place": Said(
        "Not a place; write longitude and latitude in degrees, such as 121.47,31.23.",
        "位置无效，请填写经度和纬度，例如 121.47,31.23。",
    ),
    "not-yes-or-no": Said("Neither yes nor no.", "请填写“是”或“否”。"),
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


COLUMNS = (
    Column(
        "lot_number",
        "批次号",
        number_of,
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
        text_of,
        str,
        "HC-204",
        Said("Your article number.", "您的商品货号。"),
    ),
    Column(
        "title",
        "标题",
        text_of,
        str,
        "Hair clips, spring colours",
        Said("What hosts read, up to 120 characters.", "主理人看到的标题，最多 120 字。"),
    ),
    Column(
        "category",
        "品类",
        category_of,
        str,
        "accessories",
        Said("The kind of goods.", "商品品类。"),
    ),
    Column(
        "tags",
        "标签",
        tags_of,
        joined,
        "hair;spring",
        Said("Up to 20 words, with ; between them.", "最多 20 个标签，用分号隔开。"),
        required=False,
    ),
    Column(
        "city",
        "城市",
        text_of,
        str,
        "上海",
        Said("Where the goods may be used; empty: everywhere.", "可用城市，留空表示全国。"),
        required=False,
    ),
    Column(
        "condition",
        "成色",
        condition_of,
        str,
        "new",
        Said(f"One of {', '.join(Condition)}.", f"可填：{'、'.join(Condition)}。"),
    ),
    Column(
        "unit_price",
        "单价",
        fen_of,
        yuan,
        "12.50",
        Said("What a piece usually sells for, in yuan.", "单件通常售价，单位元。"),
    ),
    Column(
        "units_per_pack",
        "每包件数",
        count_of,
        str,
        "10",
        Said("How many pieces are in a pack.", "每包的件数。"),
    ),
    Column(
        "packs",
        "包数",
        packs_of,
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
        count_of,
        str,
        "5",
        Said("The most packs a host may hold; empty: all.", "每位主理人最多可领包数，留空不限。"),
        required=False,
    ),
    Column(
        "min_community_size",
        "社群最少人数",
        count_of,
        str,
        "20",
        Said("How many people a host must know; empty: 1.", "主理人社群的最少人数，留空为 1。"),
        required=False,
    ),
    Column(
        "best_before",
        "保质期",
        moment_of,
        day_or_time,
        "",
        Said("The last day, or a time with its zone.", "最后一天，或带时区的时间。"),
        required=False,
    ),
    Column(
        "closes_at",
        "截止时间",
        moment_of,
        day_or_time,
        "2030-12-31",
        Said(
            "The last day for claims, or a time with its zone.", "认领的最后一天，或带时区的时间。"
        ),
    ),
    Column(
        "place",
        "位置",
        place_of,
        degrees,
        "121.47,31.23",
        Said(
            "Where the goods lie: longitude and latitude in degrees (WGS 84).",
            "货物所在位置：经度和纬度（WGS 84）。",
        ),
        required=False,
    ),
    Column(
        "regions",
        "许可地区",
        regions_of,
        joined,
        "上海;苏州",
        Said(
            "The cities where alone the goods may go, with ; between them; empty: anywhere.",
            "货物仅可进入的城市，用分号隔开，留空不限。",
        ),
        required=False,
    ),
    Column(
        "channels",
        "许可渠道",
        channels_of,
        joined,
        "gathering",
        Said(
            f"Where people may get them: {', '.join(Channel)}, with ; between them; empty: all.",
            f"许可的流通渠道：{'、'.join(Channel)}，用分号隔开，留空不限。",
        ),
        required=False,
    ),
    Column(
        "resale_allowed",
        "可否转售",
        yes_or_no_of,
        yes_or_no,
        "yes",
        Said("Whether hosts may sell them, yes or no; empty: yes.", "是否允许出售，留空为“是”。"),
        required=False,
    ),
    Column(
        "lowest_resale_price",
        "最低售价",
        price_of,
        yuan,
        "9.90",
        Said(
            "The least that a piece may be sold for, in yuan; empty: any.",
            "单件最低售价，单位元，留空不限。",
        ),
        required=False,
    ),
)
NAMES = {column.name: column for column in COLUMNS} | {
    column.chinese: column for column in COLUMNS
}
