"""``teahouse ledger verify``: what it prints, how it ends, and what it stands on."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from services.payments.ledger.queries import LedgerQueries
from teahouse.ledger import proof
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


def imported_by(module: ModuleType) -> set[str]:
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    return {
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


class TestStandingAlone:
    def test_imports_the_standard_library_only(self):
        roots = {name.split(".")[0] for name in imported_by(verifier)}

        assert roots <= sys.stdlib_module_names

    def test_the_proof_adds_cryptography_and_nothing_of_the_service(self):
        found = {name for name in imported_by(proof) if name != "teahouse.ledger.verify"}

        assert {name.split(".")[0] for name in found} - sys.stdlib_module_names == {"cryptography"}

    def test_runs_as_a_file_on_its_own(self, export):
        command = [sys.executable, "-I", str(Path(verifier.__file__)), str(export)]

        ended = subprocess.run(command, capture_output=True, check=False)

        assert ended.returncode == 0
        assert json.loads(ended.stdout)["ok"] is True
