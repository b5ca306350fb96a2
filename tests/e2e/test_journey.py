"""The main job as a stranger starts it: one command, one object, one page."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from teahouse.demo.journey.stories import STORIES
from teahouse.demo.report.findings import FIGURES
from tests.conftest import free_base

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True, slots=True)
class Demo:
    """What a run of the small demo left."""

    exit_code: int
    out: str
    said: str
    var: Path

    @property
    def figures(self) -> dict:
        return json.loads(self.out)


@pytest.fixture(scope="module")
def demo(scratch: Path) -> Iterator[Demo]:
    var = scratch / "journey"
    command = [sys.executable, "-m", "teahouse", "demo", "--small", "--json", "--var", str(var)]
    done = subprocess.run(
        [*command, "--port-base", str(free_base())],
        capture_output=True,
        text=True,
        check=False,
        timeout=550,
    )
    yield Demo(done.returncode, done.stdout, done.stderr, var)
    shutil.rmtree(var, ignore_errors=True)


class TestDemo:
    def test_comes_out_right(self, demo):
        assert demo.exit_code == 0, demo.said[-3000:]

    def test_prints_one_object_with_every_figure(self, demo):
        assert demo.out.count("\n") == 1
        assert list(demo.figures)[: len(FIGURES)] == list(FIGURES)

    def test_walks_every_path(self, demo):
        figures = demo.figures

        assert figures["brands"] == 44
        assert figures["lots"] == 2480
        assert figures["hosts"] == 62
        assert figures["claims_confirmed"] == 64
        # Matching may or may not have heard of the withdrawn offer before the claim.
        assert figures["claims_rejected"] in {9, 10}
        assert (figures["gatherings_held"], figures["gatherings_cancelled"]) == (22, 1)
        assert (figures["refunds"], figures["naming_rights_earned"]) == (7, 10)

    def test_proves_the_books(self, demo):
        figures = demo.figures

        assert figures["settled_minor"] > sum(story.takings_fen for story in STORIES)
        assert (figures["trial_balance_minor"], figures["ledger_chain_ok"]) == (0, True)
        assert figures["dead_letters"] == 0

    def test_leaves_a_page_and_the_ledger(self, demo):
        page = (demo.var / "report" / "index.html").read_text(encoding="utf-8")

        assert "checks came out right" in page
        assert (demo.var / "report" / "ledger.ndjson").stat().st_size > 0

    def test_leaves_nothing_running(self, demo):
        mine = [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if str(demo.var) in " ".join(process.info["cmdline"] or [])
        ]

        assert mine == []
