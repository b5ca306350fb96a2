"""The command line teaches, answers machines, and ends with honest codes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from teahouse.cli import COMMANDS, app
from teahouse.commands.config import settings_class
from teahouse.speech import Exit

runner = CliRunner()


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_explains_itself(self, command):
        answer = runner.invoke(app, [command, "--help"])

        assert answer.exit_code == 0
        assert len(answer.output.splitlines()) > 5

    def test_speaks_both_languages(self):
        assert "众创" in runner.invoke(app, ["--help"]).output


class TestConfigCheck:
    def test_masks_what_is_secret(self, monkeypatch):
        monkeypatch.setenv("CATALOG_CLIENT_SECRET", "do-not-show-this-one")

        answer = runner.invoke(app, ["config", "check", "--service", "catalog", "--json"])

        assert answer.exit_code == Exit.OK
        assert "do-not-show" not in answer.output
        knobs = {knob["name"]: knob for knob in json.loads(answer.stdout)["settings"]}
        assert knobs["client_secret"]["value"] == "***"
        assert knobs["api_port"]["value"] == "8102"
        assert knobs["kafka_brokers"]["variables"] == [
            "CATALOG_KAFKA_BROKERS",
            "TEAHOUSE_KAFKA_BROKERS",
        ]

    def test_names_every_variable_that_is_wrong(self, monkeypatch):
        monkeypatch.setenv("CATALOG_API_PORT", "many")
        monkeypatch.setenv("TEAHOUSE_SANDBOX", "perhaps")

        answer = runner.invoke(app, ["config", "check", "--service", "catalog", "--json"])

        assert answer.exit_code == Exit.WRONG
        wrong = json.loads(answer.stdout)["wrong"]["catalog"]
        assert "CATALOG_API_PORT" in wrong
        assert "TEAHOUSE_SANDBOX" in wrong

    def test_knows_what_a_service_has_of_its_own(self):
        assert settings_class("identity").__name__ == "IdentitySettings"


class TestWithoutASuite:
    @pytest.mark.parametrize("command", ["down", "status"])
    def test_says_that_nothing_runs(self, command, tmp_path):
        answer = runner.invoke(app, [command, "--var", str(tmp_path), "--json"])

        assert answer.exit_code == Exit.NOT_RUNNING
        assert json.loads(answer.stdout)["error"]["code"] == "not-running"

    def test_refuses_a_duration_that_is_none(self):
        assert runner.invoke(app, ["clock", "advance", "soon"]).exit_code == 2


class TestModule:
    def test_is_run_by_python_m_too(self):
        done = subprocess.run(
            [sys.executable, "-m", "teahouse", "--help"], capture_output=True, check=False
        )

        assert done.returncode == 0
        assert b"teahouse up" in done.stdout
