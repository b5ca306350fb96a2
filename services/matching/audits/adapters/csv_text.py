"""The rows of an audit as CSV (RFC 4180) for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from chassis.mongo import Row

COLUMNS = {
    "side": "side 类别",
    "party_id": "organisation 组织",
    "group": "group 分组",
    "lots": "lots 批次",
    "packs_listed": "packs listed 上架包数",
    "days": "days since first community 首个社群天数",
    "is_newcomer": "newcomer 新主理人",
    "pages": "pages 页面",
    "places": "places 展示位",
    "exposure": "exposure, millionths 曝光（百万分之一）",
    "claims": "claims 认领",
    "packs": "packs claimed 认领包数",
    "settled": "settled 已结算活动",
    "subsidy": "subsidy, minor units 补贴（分）",
    "currency": "currency 币种",
}


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """A header and a line for each row, made as they are asked for; absent figures are empty.

    Begins with the mark by which spreadsheets know UTF-8.
    """
    yield "\ufeff" + _line(COLUMNS.values())
    for row in rows:
        yield _line("" if row[name] is None else str(row[name]) for name in COLUMNS)


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
