from __future__ import annotations

import csv
from datetime import date

from teahouse.demo.journey.stories import SHOES
from teahouse.demo.sheets import BROKEN_AFTER, CHINESE, sheet, story_sheet, yuan

from .builders import a_lot

TODAY = date(2026, 11, 22)


def lines_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


class TestSheet:
    def test_writes_a_line_a_lot(self):
        made = sheet(69, [a_lot(7), a_lot(8)], stores=[3], today=TODAY)

        first, second = lines_of(made.text)
        assert first["title"] == "Condensed soup 10.75 OZ (maker 69, no. 7)"
        assert first["unit_price"] == "1.25"
        assert (first["units_per_pack"], first["packs"]) == ("6", "4")
        assert second["title"].endswith("no. 8)")
        assert (made.lots, made.broken, made.encoding) == (2, (), "utf-8")

    def test_dates_fresh_goods_and_keeps_them_in_their_city(self):
        fresh = a_lot(7, department="PRODUCE", store=3)

        (line,) = lines_of(sheet(69, [fresh], stores=[3], today=TODAY).text)

        assert line["best_before"] == "2027-01-06"
        assert line["city"] == "Beijing"

    def test_in_chinese_is_another_file_in_gb18030(self):
        made = sheet(69, [a_lot(7)], stores=[3], today=TODAY, chinese=True)

        assert made.encoding == CHINESE
        assert made.text.encode(CHINESE) != made.text.encode("utf-8")
        assert "厂家 69" in made.text

    def test_knows_the_numbers_of_its_broken_lines(self):
        lots = [a_lot(number) for number in range(30)]

        made = sheet(69, lots, stores=[3], today=TODAY, with_broken_lines=True)

        lines = made.text.splitlines()
        assert made.broken == tuple(range(BROKEN_AFTER + 2, BROKEN_AFTER + 8))
        assert lines[made.broken[0] - 1].startswith("0-1,,")
        assert "-3.00" in lines[made.broken[1] - 1]
        assert len(lines) == 1 + 30 + len(made.broken)

    def test_is_the_same_for_the_same_lots_and_day(self):
        assert sheet(69, [a_lot(7)], stores=[3], today=TODAY) == sheet(
            69, [a_lot(7)], stores=[3], today=TODAY
        )


class TestStorySheet:
    def test_is_one_lot_with_goods_for_the_story(self):
        (line,) = lines_of(story_sheet(SHOES, today=TODAY))

        assert (line["unit_price"], line["units_per_pack"], line["packs"]) == (
            "168.00",
            "3",
            "400",
        )
        assert line["tags"] == "cloth-shoes;craft;fashion"


class TestYuan:
    def test_keeps_both_places(self):
        assert [yuan(5), yuan(31_250), yuan(100)] == ["0.05", "312.50", "1.00"]
