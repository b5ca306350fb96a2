from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from teahouse.demo.report import page
from teahouse.demo.report.findings import (
    FIGURES,
    Check,
    Earner,
    FigureMissing,
    Findings,
    ImportedSheet,
    Subsidised,
    Told,
    in_words,
    percentile,
    yuan,
)
from teahouse.demo.report.table import print_table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VOID = {"meta", "br"}


def some_findings(**figures: object) -> Findings:
    return Findings(
        figures=dict.fromkeys(FIGURES, 1) | figures,
        checks=[Check("claims confirmed", 2, 2)],
        earners=[Earner("Maker 69", "brand", 300_000), Earner("<b>Li</b>", "host", 270_000)],
        subsidies=[Subsidised("Maker 69", 1, 80_000, 500_000)],
        claims_by_outcome={"confirmed": 3, "not-enough-packs": 1},
        latencies_ms=[80.0, 120.0, 240.0],
        sheets=[ImportedSheet("Maker 2", 415, [(12, "title: missing")])],
        told=[Told("Hair ornaments", 16, 500_000, [Check("brand's share", 300_000, 300_000)])],
        books=[("trial balance", "0", True)],
    )


class Tags(HTMLParser):
    """Fails on a tag that is closed by another."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


class TestPage:
    def test_is_whole_and_well_formed(self):
        text = page.render(some_findings(), made_at=NOW)

        tags = Tags()
        tags.feed(text)
        assert tags.open == []
        assert text.count("<svg") == 7

    def test_asks_nothing_of_a_network(self):
        text = page.render(some_findings(), made_at=NOW)

        assert not re.search(r"<script|<link|<img|\ssrc=|@import|url\(", text)
        assert "http" not in text.replace("http-equiv", "")

    def test_keeps_markup_out_of_names(self):
        assert "<b>Li</b>" not in page.render(some_findings(), made_at=NOW)

    def test_says_each_heading_in_both_tongues(self):
        text = page.render(some_findings(), made_at=NOW)

        headings = re.findall(r"<h2>(.*?)</h2>", text)
        assert len(headings) == 10
        assert all(re.search(r'[A-Z].* <small lang="zh">[\u4e00-\u9fff]', h) for h in headings)

    def test_tells_the_broken_lines_of_imports(self):
        assert "12: title: missing" in page.render(some_findings(), made_at=NOW)

    def test_says_when_a_check_came_out_wrong(self):
        findings = some_findings()
        findings.checks.append(Check("trial balance", 0, 5))

        text = page.render(findings, made_at=NOW)

        assert "1 of 3 checks came out wrong." in text
        assert "WRONG 错" in text

    def test_is_refused_while_a_figure_is_missing(self):
        with pytest.raises(FigureMissing, match="claim_p50_ms"):
            page.render(some_findings(claim_p50_ms=None), made_at=NOW)

    def test_is_written_with_the_folders_it_needs(self, tmp_path):
        page.write(some_findings(), tmp_path / "report" / "index.html", made_at=NOW)

        assert (tmp_path / "report" / "index.html").stat().st_size < 60_000


class TestComplete:
    def test_gives_the_promised_figures_first(self):
        assert list(some_findings(extra=7).complete()) == [*FIGURES, "extra"]

    def test_takes_zero_and_false_for_figures(self):
        some_findings(dead_letters=0, ledger_chain_ok=False).complete()


class TestWrong:
    def test_finds_checks_of_gatherings_too(self):
        findings = some_findings()
        findings.told.append(Told("Brushes", 15, 1, [Check("units", 45, 44)]))

        assert [check.about for check in findings.wrong] == ["units"]


class TestTable:
    def test_prints_figures_and_wrong_checks(self):
        findings = some_findings(settled_minor=31_250, ledger_chain_ok=False)
        findings.checks.append(Check("refunds", 7, 6))
        out = StringIO()

        print_table(findings, Console(file=out, width=100))

        assert "312.50" in out.getvalue()
        assert "NO" in out.getvalue()
        assert "WRONG refunds: expected 7, found 6" in out.getvalue()

    def test_tells_who_earned_what_subsidies_brought_and_how_claims_ended(self):
        out = StringIO()

        print_table(some_findings(), Console(file=out, width=100))

        lines = [line.split() for line in out.getvalue().splitlines()]
        told = {" ".join(word for word in line if word not in "│┃") for line in lines}
        assert {"brand 品牌 3,000.00", "host 主理人 2,700.00"} <= told
        assert "all brands 1 800.00 5,000.00 6.25" in told
        assert {"confirmed 3", "not-enough-packs 1"} <= told


class TestPercentile:
    def test_is_exact_on_a_hundred(self):
        values = [float(number) for number in range(101)]

        assert (percentile(values, 50), percentile(values, 99)) == (50.0, 99.0)

    def test_of_one_value_is_that_value(self):
        assert percentile([7.0], 99) == 7.0

    def test_of_nothing_is_zero(self):
        assert percentile([], 50) == 0.0


class TestInWords:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ({"free": 0, "shipped": 2000}, "free 0, shipped 2,000"),
            ({"Maker 2": [12, 13]}, "Maker 2 12, 13"),
            ([], "none"),
            ({}, "none"),
            ("ended", "ended"),
        ],
    )
    def test_needs_no_brackets(self, value, words):
        assert in_words(value) == words


class TestYuan:
    def test_sets_thousands_apart(self):
        assert [yuan(23_000_000), yuan(-5), yuan(0)] == ["230,000.00", "-0.05", "0.00"]
