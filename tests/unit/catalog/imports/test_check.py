"""Import files read line by line, and told why not."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from services.catalog.imports.engine.check import (
    BadLine,
    CsvColumnsWrong,
    CsvEmpty,
    CsvTooLong,
    GoodLine,
    lines_of,
)
from services.catalog.imports.engine.columns import COLUMNS
from services.catalog.imports.engine.table import (
    CsvBroken,
    EncodingUnknown,
    FileFormat,
    FileKind,
    csv_records,
    encoding_of,
    kind_of,
    records,
)
from services.catalog.imports.engine.writers import csv_template, xlsx_template
from services.catalog.lots.domain import Condition, Place
from services.catalog.lots.engine.restrictions import Channel

HEADER = [column.name for column in COLUMNS]
ROW = {
    "lot_number": "",
    "sku": "HC-1",
    "title": "Hair clips",
    "category": "accessories",
    "tags": "hair;spring",
    "city": "上海",
    "condition": "new",
    "unit_price": "12.50",
    "units_per_pack": "10",
    "packs": "40",
    "max_packs_per_host": "5",
    "min_community_size": "20",
    "best_before": "",
    "closes_at": "2026-12-31T18:00:00+08:00",
    "place": "",
    "regions": "",
    "channels": "",
    "resale_allowed": "",
    "lowest_resale_price": "",
}


def a_file(*rows: dict[str, str], header=HEADER) -> str:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(header)
    for row in rows:
        writer.writerow([{**ROW, **row}.get(name, "") for name in header])
    return table.getvalue()


def read(text: str, most: int = 1000) -> list[GoodLine | BadLine]:
    return list(lines_of(csv_records(io.StringIO(text, newline="")), most=most))


def faults(**cells) -> list[tuple[str, str]]:
    """What is wrong with a row of these cells."""
    (line,) = read(a_file(cells))
    return [(one.column, one.code) for one in line.faults] if isinstance(line, BadLine) else []


class TestEncoding:
    def test_is_utf_8_with_and_without_a_mark(self):
        assert encoding_of("茶".encode()) == "utf-8"
        assert encoding_of(b"\xef\xbb\xbf" + "茶".encode()) == "utf-8"

    def test_is_gb18030_when_it_is_no_utf_8(self):
        assert encoding_of("茶具，上海".encode("gb18030")) == "gb18030"

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_may_be_told_with_a_mark(self, encoding):
        body = ("\ufeff" + a_file({"title": "茶"})).encode(encoding)

        (line,) = lines_of(records(io.BytesIO(body), kind_of(body, "text/csv")), most=1)

        assert line.values["title"] == "茶"

    def test_is_what_the_brand_says(self):
        assert encoding_of(b"plain", "gb18030") == "gb18030"
        with pytest.raises(EncodingUnknown):
            encoding_of("茶".encode("gb18030"), "utf-8")

    @pytest.mark.parametrize(
        "body", ["茶".encode("utf-16"), "tea".encode("utf-16-le"), b"\xff\xff\xff"]
    )
    def test_is_never_guessed(self, body):
        with pytest.raises(EncodingUnknown):
            encoding_of(body)


class TestGoodLines:
    def test_reads_every_column(self):
        (line,) = read(a_file({}))

        assert line == GoodLine(
            2,
            {
                "sku": "HC-1",
                "title": "Hair clips",
                "category": "accessories",
                "tags": ("hair", "spring"),
                "city": "上海",
                "condition": Condition.NEW,
                "unit_price": 1250,
                "units_per_pack": 10,
                "packs": 40,
                "max_packs_per_host": 5,
                "min_community_size": 20,
                "closes_at": datetime(2026, 12, 31, 10, tzinfo=UTC),
            },
        )

    def test_takes_columns_in_any_order_and_leaves_optional_ones_out(self):
        header = [column.name for column in COLUMNS if column.required][::-1]

        (line,) = read(a_file({}, header=header))

        assert isinstance(line, GoodLine)
        assert set(line.values) == set(header)

    def test_takes_chinese_headers(self):
        header = [column.chinese for column in COLUMNS]
        row = dict(zip(header, (ROW[column.name] for column in COLUMNS), strict=True))

        (line,) = read(a_file(row, header=header))

        assert isinstance(line, GoodLine)
        assert line.values["sku"] == "HC-1"

    @pytest.mark.parametrize("chinese", [False, True])
    def test_its_own_templates_hold_one(self, chinese):
        for body, form in (
            (csv_template(chinese=chinese), FileFormat.CSV),
            (xlsx_template(chinese=chinese), FileFormat.XLSX),
        ):
            (line,) = lines_of(records(io.BytesIO(body), FileKind(form, "utf-8", 1)), most=1)
            assert isinstance(line, GoodLine)

    def test_counts_physical_lines_over_breaks_and_blanks(self):
        text = a_file({"title": "two\nlines"}, {"lot_number": "B"}).replace("\r\nB,", "\r\n\r\nB,")

        first, second = read(text)

        assert (first.line, second.line) == (2, 5)

    @pytest.mark.parametrize(
        ("cell", "fen"),
        [("0", 0), ("12", 1200), ("12.5", 1250), ("0.01", 1), ("12.500", 1250), ("007.10", 710)],
    )
    def test_reads_prices_without_rounding(self, cell, fen):
        (line,) = read(a_file({"unit_price": cell}))

        assert line.values["unit_price"] == fen

    def test_reads_where_goods_lie_and_may_go_on_to(self):
        (line,) = read(
            a_file(
                {
                    "place": "'-0.13, 51.51",
                    "regions": "上海；Su Zhou;上海",
                    "channels": "Online;gathering",
                    "resale_allowed": "是",
                    "lowest_resale_price": "9.9",
                }
            )
        )

        assert line.values["place"] == Place(-0.13, 51.51)
        assert line.values["regions"] == ("上海", "su zhou")
        assert line.values["channels"] == (Channel.ONLINE, Channel.GATHERING)
        assert line.values["resale_allowed"] is True
        assert line.values["lowest_resale_price"] == 990

    def test_reads_a_date_as_lasting_until_midnight_in_the_market(self):
        (line,) = read(a_file({"best_before": "2026-12-31"}))

        assert line.values["best_before"] == datetime(2026, 12, 31, 16, tzinfo=UTC)


class TestBadLines:
    @pytest.mark.parametrize(
        ("column", "cell", "code"),
        [
            ("sku", "", "missing"),
            ("title", " ", "missing"),
            ("title", "x" * 121, "too-long"),
            ("title", "=HYPERLINK(1)", "formula"),
            ("title", "+1", "formula"),
            ("title", "-1", "formula"),
            ("city", "@SUM(1)", "formula"),
            ("tags", "=1+1;hair", "formula"),
            ("lot_number", "=1", "formula"),
            ("lot_number", "x" * 61, "too-long"),
            ("title", "half \ud800", "control-character"),
            ("title", "two\nlines", "control-character"),
            ("title", "bell\x07", "control-character"),
            ("tags", ";".join(f"t{n}" for n in range(21)), "too-many-tags"),
            ("tags", "x" * 41, "too-long"),
            ("condition", "used", "not-a-condition"),
            ("unit_price", "", "missing"),
            ("unit_price", "-1", "not-a-price"),
            ("unit_price", "1.005", "not-a-price"),
            ("unit_price", "1,50", "not-a-price"),
            ("unit_price", "¥12", "not-a-price"),
            ("unit_price", "1e3", "not-a-price"),
            ("unit_price", "\uff11\uff12", "not-a-price"),
            ("units_per_pack", "0", "not-a-count"),
            ("packs", "2.5", "not-a-count"),
            ("packs", "-3", "not-a-count"),
            ("packs", "200000001", "not-a-count"),
            ("units_per_pack", "1000001", "not-a-count"),
            ("packs", "many", "not-a-count"),
            ("best_before", "31.12.2026", "not-a-date"),
            ("best_before", "2026-02-30", "not-a-date"),
            ("closes_at", "2026-12-31T18:00:00", "not-a-date"),
            ("closes_at", "9999-12-31", "not-a-date"),
            ("closes_at", "0001-01-01T00:00:00+14:00", "not-a-date"),
            ("place", "121.47", "not-a-place"),
            ("place", "121.47;31.23", "not-a-place"),
            ("place", "180.1,31", "not-a-place"),
            ("place", "121,90.5", "not-a-place"),
            ("place", "121,nan", "not-a-place"),
            ("place", "\uff11\uff12,30", "not-a-place"),
            ("regions", ";".join(f"r{n}" for n in range(101)), "too-many-regions"),
            ("regions", "x" * 61, "too-long"),
            ("regions", "=1+1;shanghai", "formula"),
            ("channels", "gathering;shop", "not-a-channel"),
            ("resale_allowed", "perhaps", "not-yes-or-no"),
            ("lowest_resale_price", "0.00", "not-a-price"),
            ("lowest_resale_price", "9.999", "not-a-price"),
        ],
    )
    def test_are_told_column_and_reason(self, column, cell, code):
        assert faults(**{column: cell}) == [(column, code)]

    def test_are_told_everything_at_once_in_both_languages(self):
        (line,) = read(a_file({"sku": "", "packs": "x"}))

        assert [(one.column, one.code) for one in line.faults] == [
            ("sku", "missing"),
            ("packs", "not-a-count"),
        ]
        assert all(one.reason and one.chinese for one in line.faults)

    @pytest.mark.parametrize("tail", [",x", ""])
    def test_with_too_many_or_too_few_cells_are_no_lots(self, tail):
        text = a_file({}).rstrip("\r\n")
        text = text + tail if tail else text.rpartition(",")[0]

        (line,) = read(text)

        assert (line.line, [one.code for one in line.faults]) == (2, ["cells"])

    def test_too_long_to_keep(self):
        (line,) = read(a_file({"tags": "x" * 17_000}))

        assert [one.code for one in line.faults] == ["line-too-long"]

    def test_that_repeat_goods_name_the_first_as_good(self):
        text = a_file({}, {"title": "Again"}, {"condition": "good"})

        first, second, third = read(text)

        assert isinstance(first, GoodLine)
        assert [one.code for one in second.faults] == ["duplicate"]
        assert isinstance(third, GoodLine)

    def test_that_repeat_a_lot_number_name_the_first_as_good(self):
        text = a_file({"lot_number": "A"}, {"lot_number": "A", "sku": "B"}, {"lot_number": "B"})

        first, second, third = read(text)

        assert isinstance(first, GoodLine)
        assert [(one.column, one.code) for one in second.faults] == [("lot_number", "duplicate")]
        assert isinstance(third, GoodLine)

    def test_leave_the_good_ones_good(self):
        good, bad, also_good = read(a_file({}, {"sku": "B", "packs": "0"}, {"sku": "C"}))

        assert isinstance(good, GoodLine)
        assert (bad.line, also_good.line) == (3, 4)
        assert isinstance(also_good, GoodLine)


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("broken", "line"),
        [
            ('HC-2,"never closed\r\nand on,,\r\n', 3),
            ('HC-2,"closed"wrongly,x\r\n', 3),
        ],
    )
    def test_name_the_line_on_which_it_begins(self, broken, line):
        with pytest.raises(CsvBroken) as refused:
            read(a_file({}) + broken)

        assert refused.value.members == {"line": line}

    def test_with_other_columns_name_them(self):
        header = [name for name in HEADER if name != "packs"] + ["colour", "sku"]

        with pytest.raises(CsvColumnsWrong) as refused:
            read(a_file({}, header=header))

        assert refused.value.members == {
            "unknown": ["colour"],
            "missing": ["packs"],
            "twice": ["sku"],
        }

    def test_with_very_many_other_columns_name_some_of_them(self):
        with pytest.raises(CsvColumnsWrong) as refused:
            read(",".join(f"colour-{number}" * 100 for number in range(1_000)))

        unknown = refused.value.members["unknown"]
        assert (len(unknown), len(unknown[0])) == (20, 60)

    @pytest.mark.parametrize("text", ["", "\r\n \r\n", ",".join(HEADER)])
    def test_without_lines_are_refused(self, text):
        with pytest.raises(CsvEmpty):
            read(text)

    def test_with_too_many_lines_are_refused(self):
        text = a_file(*({"sku": f"S{n}"} for n in range(4)))

        assert len(read(text, most=4)) == 4
        with pytest.raises(CsvTooLong):
            read(text, most=3)
