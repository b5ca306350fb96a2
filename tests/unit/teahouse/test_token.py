"""One command acts as somebody: the token is all that goes to standard output."""

from __future__ import annotations

import json
import subprocess

import pytest
import requests
from typer.testing import CliRunner

from teahouse.cli import app
from teahouse.commands import token as token_module
from teahouse.commands.token import LogInRefused
from teahouse.logins import Login, NobodyKept, Role, keep_logins
from teahouse.run_file import RunFile
from teahouse.speech import Exit

runner = CliRunner()
HOST = Login("h@example.com", "made-up-words", organization_id="org_1", name="Tea [b]")
GRANTED = {"access_token": "a.b.c", "organization_id": "org_1", "expires_in": 600}
REFUSED = {"code": "wrong-credentials", "detail": "no"}


@pytest.fixture
def running(tmp_path):
    held = RunFile(tmp_path).claim(port_base=9000, environment={})
    yield tmp_path
    held.release()


class FakeIdentity:
    """Answers every log-in alike, and remembers it."""

    def __init__(self, monkeypatch, status: int, body: dict):
        self.asked: list[tuple[str, dict]] = []
        self._status, self._body = status, body
        monkeypatch.setattr(requests.Session, "request", self.request)

    def request(self, _method, url, **sent):
        self.asked.append((url, sent["json"]))
        answer = requests.Response()
        answer.status_code = self._status
        answer._content = json.dumps(self._body).encode()
        answer.headers["Content-Type"] = "application/json"
        return answer


def asked(*words, var):
    return runner.invoke(app, ["token", *words, "--var", str(var)])


class TestToken:
    def test_prints_the_token_alone(self, monkeypatch, running):
        identity = FakeIdentity(monkeypatch, 201, GRANTED)
        keep_logins(running, {Role.HOST: HOST})

        answer = asked("host", var=running)

        assert (answer.exit_code, answer.stdout) == (Exit.OK, "a.b.c\n")
        ((url, body),) = identity.asked
        assert url == "http://127.0.0.1:9001/v1/sessions"
        assert body == {
            "email": HOST.email,
            "password": HOST.password,
            "organization_id": "org_1",
        }

    def test_lets_the_operator_act_for_her_only_organisation(self, monkeypatch, running):
        identity = FakeIdentity(monkeypatch, 201, GRANTED)

        assert asked("operator", var=running).exit_code == Exit.OK
        ((_, body),) = identity.asked
        assert "organization_id" not in body

    def test_gives_the_shell_what_it_can_take_in(self, monkeypatch, running):
        FakeIdentity(monkeypatch, 201, GRANTED | {"organization_id": "org_1; rm"})
        keep_logins(running, {Role.HOST: HOST})

        answer = asked("host", "--shell", var=running)

        taken = subprocess.run(
            ["/bin/sh", "-c", f'{answer.stdout}\nprintf "%s|%s" "$TOKEN" "$ORG"'],
            capture_output=True,
            text=True,
            check=True,
        )
        assert taken.stdout == "a.b.c|org_1; rm"

    def test_answers_machines_with_one_object_and_no_password(self, monkeypatch, running):
        FakeIdentity(monkeypatch, 201, GRANTED)
        keep_logins(running, {Role.HOST: HOST})

        answer = asked("host", "--json", var=running)

        assert json.loads(answer.stdout) == GRANTED | {"role": "host", "name": HOST.name}
        assert HOST.password not in answer.output

    def test_ends_with_four_when_nothing_runs(self, tmp_path):
        assert asked("host", var=tmp_path).exit_code == Exit.NOT_RUNNING

    def test_says_that_a_demo_must_be_kept_first(self, running):
        assert isinstance(asked("brand", var=running).exception, NobodyKept)

    def test_says_when_the_data_are_of_another_demo(self, monkeypatch, running):
        FakeIdentity(monkeypatch, 401, REFUSED)
        keep_logins(running, {Role.HOST: HOST})

        answer = asked("host", var=running)

        assert isinstance(answer.exception, LogInRefused)
        assert HOST.password not in str(answer.exception)

    def test_ends_with_silence_told_when_identity_does_not_answer(self, monkeypatch, running):
        FakeIdentity(monkeypatch, 503, {})
        monkeypatch.setattr(token_module, "PATIENCE_SECONDS", 0.0)

        answer = asked("operator", var=running)

        assert isinstance(answer.exception, ConnectionError)
