"""The conformance suite, run on our own implementation; and the suite itself, as others get it."""

from __future__ import annotations

import json
import sys

import pytest

from cartridges.conformance.__main__ import differences, main, ours, theirs, write
from cartridges.conformance.cases import all_cases
from cartridges.problems import ADVICE
from cartridges.verdict import judge

CASES = all_cases()
# Computed by another YAML reader and another JSON writer.
LEAST = "sha256:90a888c18d160278eebdb1fdae8d4db461383c2167ebcc922cfd95516a9145a2"
FULL = "sha256:bd143eab604eb2da23c33b8676493d4ca09c92290da181143ab1c8783e796183"


class TestOurs:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file_name}: {case.title}")
    def test_gives_the_verdict_of_the_suite(self, case):
        assert ours(case) == (case.digest, case.problems)

    def test_explains_every_refusal(self):
        for case in CASES:
            for problem in judge(case.file_name, case.content).problems:
                assert problem.reason, case.title
                assert (problem.hint, problem.chinese) == ADVICE[problem.code]


class TestSuite:
    def test_accepts_every_sample_and_refuses_more_than_sixty(self):
        accepted = [case for case in CASES if case.digest]
        refused = [case for case in CASES if case.problems]

        assert len(accepted) >= 2 + 8 + 3
        assert len(refused) >= 60
        assert len(accepted) + len(refused) == len(CASES)
        assert len({case.file_name for case in CASES}) == len(CASES)
        assert len({case.title for case in refused}) == len(refused)

    def test_brings_about_every_code(self):
        found = {code for case in CASES for _, code in case.problems}

        assert found == set(ADVICE)

    def test_pins_the_digests_that_any_implementation_must_compute(self):
        digests = {case.file_name: case.digest for case in CASES}

        assert digests["accepted-least.yaml"] == LEAST
        assert digests["accepted-full.yaml"] == FULL

    def test_is_written_as_files_with_an_index(self, tmp_path):
        write(tmp_path)

        index = json.loads((tmp_path / "index.json").read_text(encoding="utf-8"))
        assert len(index) == len(CASES)
        for entry, case in zip(index, CASES, strict=True):
            assert (tmp_path / entry["file"]).read_bytes() == case.content
            assert entry["digest"] == case.digest

    def test_finds_an_implementation_that_accepts_everything(self, tmp_path):
        write(tmp_path)
        blind = [sys.executable, "-S", "-c", 'print(\'{"digest": "", "problems": []}\')']
        few = CASES[:2] + CASES[-2:]

        verdicts = [theirs(blind, tmp_path)(case) for case in few]

        assert verdicts == [("", frozenset())] * 4

    def test_finds_an_implementation_that_says_nothing(self, tmp_path):
        write(tmp_path)
        silent = [sys.executable, "-S", "-c", "print('all is well')"]

        _, problems = theirs(silent, tmp_path)(CASES[0])

        assert [code.startswith("no verdict") for _, code in problems] == [True]

    def test_names_the_cases_on_which_a_verdict_differs(self):
        wrong = differences(lambda case: ("", frozenset({("", "missing")})))

        assert len(wrong) == len(CASES)

    def test_ends_with_zero_for_this_implementation(self, capsys):
        assert main(["--json", "run"]) == 0
        assert json.loads(capsys.readouterr().out) == {"cases": len(CASES), "differ": []}
