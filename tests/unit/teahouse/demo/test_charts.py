from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from teahouse.demo.report.charts import WIDTH, Bar, Mark, bars, binned, histogram

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


class TestBars:
    def test_draws_the_largest_as_wide_as_the_chart(self):
        drawn = parsed(bars("Earned", [Bar("brand", 50, "50"), Bar("host", 25, "25")]))

        widths = [float(rect.get("width")) for rect in drawn.iter("rect")]
        assert widths == [WIDTH, WIDTH, WIDTH, WIDTH / 2]

    def test_keeps_markup_out_of_labels(self):
        svg = bars("a & b", [Bar("<script>", 1, "1 < 2")])

        assert "<script>" not in svg
        assert parsed(svg).find("text").text == "<script>"

    def test_of_nothing_is_still_a_picture(self):
        assert parsed(bars("Earned", [])).get("viewBox")

    def test_of_zeros_draws_empty_bars(self):
        drawn = parsed(bars("Earned", [Bar("brand", 0, "0")]))

        assert [float(rect.get("width")) for rect in drawn.iter("rect")] == [WIDTH, 0]

    def test_asks_nothing_of_a_network(self):
        assert not re.search(r"href|url\(|https?:", bars("Earned", [Bar("brand", 1, "1")]))


class TestBinned:
    def test_counts_values_by_step(self):
        assert binned([0, 9.9, 10, 35], step=10) == [2, 1, 0, 1]

    def test_puts_the_far_end_into_the_last_step(self):
        assert binned([1, 5_000], step=10, most_bins=3) == [1, 0, 1]

    def test_of_nothing_is_nothing(self):
        assert binned([], step=10) == []


class TestHistogram:
    def test_draws_one_bar_a_step_and_a_line_a_mark(self):
        drawn = parsed(
            histogram("Latency", [5, 15, 15], step=10, unit="ms", marks=[Mark(15, "p50")])
        )

        assert len(list(drawn.iter("rect"))) == 2
        assert [line.get("class") for line in drawn.iter("line")] == ["axis", "mark"]
        assert "p50" in [text.text for text in drawn.iter("text")]

    def test_of_nothing_is_still_a_picture(self):
        assert parsed(histogram("Latency", [], step=10, unit="ms")).get("viewBox")
