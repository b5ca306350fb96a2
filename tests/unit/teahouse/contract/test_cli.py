"""``teahouse contract``: a contract is right to the fen before anybody is asked to sign it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from teahouse.contract.cli import app
from teahouse.speech import Exit

HOST = "org_01kjmma2g0e008000000000002"


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def answer(*words: object) -> tuple[int, dict]:
    result = CliRunner().invoke(app, [*(str(word) for word in words), "--json"])
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def evening(tmp_path) -> Path:
    path = tmp_path / "evening.yaml"
    assert run("new", path, "--host", HOST)[0] == Exit.OK
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


class TestNew:
    def test_starts_with_what_passes_every_check(self, evening):
        assert answer("check", evening) == (Exit.OK, {"problems": [], "differences": []})
        assert "3 examples as expected" in run("check", evening)[1]

    def test_never_writes_over_a_file(self, evening):
        before = evening.read_bytes()

        assert run("new", evening, "--host", HOST)[0] == 2
        assert evening.read_bytes() == before

    def test_takes_no_host_that_is_no_organisation(self, tmp_path):
        assert run("new", tmp_path / "other.yaml", "--host", "me")[0] == 2
        assert list(tmp_path.iterdir()) == []


class TestCheck:
    def test_tells_an_example_that_is_off_to_the_fen(self, evening):
        edit(evening, "brand: 47500, host: 28500", "brand: 47499, host: 28501")

        code, told = answer("check", evening)

        assert code == Exit.WRONG
        assert [(one["role"], one["expected"], one["found"]) for one in told["differences"]] == [
            ("brand", 47_499, 47_500),
            ("host", 28_501, 28_500),
        ]
        assert "brand expected 47499, found 47500 (+1)" in run("check", evening)[1]

    def test_says_where_a_rule_is_broken_and_what_to_do_in_both_languages(self, evening):
        edit(evening, "take: {rest: true}", "take: {points: 9500}")

        code, printed = run("check", evening)

        assert code == Exit.WRONG
        assert f"{evening}:14:" in printed
        assert "rest-misplaced" in printed
        assert "最后一步" in printed

    @pytest.mark.parametrize("content", [b"\xff", b"- &a [*a]", b"[]", b"format: 1"])
    def test_refuses_what_is_no_contract(self, evening, content):
        evening.write_bytes(content)

        code, told = answer("check", evening)

        assert code == Exit.WRONG
        assert told["problems"]


class TestSimulate:
    def test_shares_out_what_was_sold_with_the_reason_of_each(self, evening):
        code, told = answer("simulate", evening, "--sale", 60_000, "--sale", 40_001)

        shares = {one["role"]: one["minor"] for one in told["shares"]}
        assert code == Exit.OK
        assert sum(shares.values()) == 100_001
        assert shares["platform"] == 5_000
        assert all(one["why"]["en"] and one["why"]["zh"] for one in told["shares"])

    def test_gives_a_vacant_role_to_the_heir_and_takes_refunds_off(self, evening):
        words = ("--sale", 100_000, "--refunded", 40_000, "--vacant", "venue")
        _, told = answer("simulate", evening, *words)

        shares = {one["role"]: one["minor"] for one in told["shares"]}
        assert shares == {"platform": 3_000, "brand": 28_500, "host": 25_650, "author": 2_850}

    def test_shows_what_so_many_guests_earn_of_a_subsidy(self, evening):
        bands = (
            "subsidy: {bands: [{heads: 8, points: 5000}, {heads: 12, points: 10000}]}\nexamples:"
        )
        edit(evening, "examples:", bands)
        edit(evening, "  host: {", "  brand: {org_01kjmma2g0e008000000000003: 1}\n  host: {")

        code, told = answer("simulate", evening, "--sale", 0, "--subsidy", 80_001, "--heads", 9)

        assert code == Exit.OK
        assert [(one["role"], one["minor"]) for one in told["subsidy"]] == [
            ("host", 40_000),
            ("brand", 40_001),
        ]
        assert told["subsidy"][0]["why"]["en"].endswith("9 checked in, 50 % from 8 on")
        printed = run("simulate", evening, "--sale", 0, "--subsidy", 80_001, "--heads", 7)[1]
        assert "不足 8 人无补贴" in printed

    @pytest.mark.parametrize(
        "words", [("--refunded", 2), ("--vacant", "nobody")], ids=["too much back", "no role"]
    )
    def test_says_what_it_cannot_reckon(self, evening, words):
        assert run("simulate", evening, "--sale", 1, *words)[0] == 2
