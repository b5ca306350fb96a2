"""``teahouse ledger verify``: what it prints, how it ends, and what it stands on."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.payments.ledger.queries import LedgerQueries
from teahouse.ledger import proof, replay
from teahouse.ledger import verify as verifier
from teahouse.ledger.cli import app
from tests.unit.payments.ledger.books import MARKET, OUTSIDE, Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.one(desk.hold(300))
    desk.one(desk.move(OUTSIDE, desk.escrow, 5, "USD"))
    return desk


@pytest.fixture
def export(desk: Desk, tmp_path: Path) -> Path:
    path = tmp_path / "export.ndjson"
    path.write_text("".join(LedgerQueries(MARKET, desk.log).export()), encoding="utf-8")
    return path


def verify(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["verify", *map(str, arguments)])
    return result.exit_code, result.stdout


class TestVerifyCommand:
    def test_ends_with_zero_when_the_books_are_right(self, export, desk):
        code, printed = verify(export, "--json")

        found = json.loads(printed)
        assert code == 0
        assert found["ok"] is True
        assert found["head"] == desk.writer.books.head.hex()
        assert found["trial_balance"] == {"CNY": 0, "USD": 0}
        assert (found["segments"], found["entries"], found["open_holds"]) == (3, 3, 1)

    def test_ends_with_one_when_anything_is_wrong(self, export):
        lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
        export.write_text("".join([*lines[:2], *lines[3:]]), encoding="utf-8")

        code, printed = verify(export, "--json")

        assert code == 1
        assert json.loads(printed)["problems"][0] == "segment 2: stands where 1 belongs"

    def test_ends_with_one_when_the_log_should_end_otherwise(self, export):
        assert verify(export, "--head", "00" * 32)[0] == 1

    def test_ends_with_two_when_the_file_is_none(self, tmp_path):
        other = tmp_path / "photo.jpg"
        other.write_bytes(b"\x00\xff\xd8")

        assert verify(other)[0] == 2
        assert verify(tmp_path / "missing")[0] == 2


FILES = [Path(module.__file__) for module in (verifier, replay)]
OWN = {"teahouse.ledger.replay", "teahouse.ledger.verify"}


def imported_by(source: Path) -> set[str]:
    """The top of every name that a file imports from beside its own folder."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    names = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    return {name.split(".")[0] for name in names - OWN}


class TestStandingAlone:
    @pytest.mark.parametrize("source", FILES, ids=lambda path: path.name)
    def test_imports_the_standard_library_only(self, source):
        assert imported_by(source) <= sys.stdlib_module_names

    def test_the_proof_adds_cryptography_and_nothing_of_the_service(self):
        found = imported_by(Path(proof.__file__))

        assert found - sys.stdlib_module_names == {"cryptography"}

    def test_runs_where_nothing_else_is_installed(self, export, tmp_path):
        for source in FILES:
            copied = tmp_path / "teahouse" / "ledger" / source.name
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(source.read_bytes())
        command = [sys.executable, "-E", "-S", "-m", "teahouse.ledger.verify", str(export)]

        ended = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)

        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["ok"] is True
