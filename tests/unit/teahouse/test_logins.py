"""Whom one may act as is kept to the owner of the folder, and goes with the data."""

from __future__ import annotations

import json
import stat

import pytest

from teahouse.logins import Login, NobodyKept, Role, forget_logins, keep_logins, login_of
from teahouse.service_secrets import OPERATOR_PASSWORD, load_secrets
from teahouse.suite import Suite

HOST = Login("h@example.com", "made-up-words", organization_id="org_1", name="Tea 茶会")


class TestKeepLogins:
    def test_gives_back_what_was_kept(self, tmp_path):
        keep_logins(tmp_path, {Role.HOST: HOST})

        assert login_of(Role.HOST, tmp_path) == HOST

    def test_lets_nobody_else_read_them(self, tmp_path):
        keep_logins(tmp_path, {Role.HOST: HOST})

        assert stat.S_IMODE((tmp_path / "logins.json").stat().st_mode) == 0o600

    def test_keeps_those_of_the_last_demo_alone(self, tmp_path):
        keep_logins(tmp_path, {Role.BRAND: HOST, Role.HOST: HOST})
        keep_logins(tmp_path, {Role.HOST: HOST})

        with pytest.raises(NobodyKept, match="brand"):
            login_of(Role.BRAND, tmp_path)

    def test_shows_no_password_when_printed(self):
        assert HOST.password not in repr(HOST)


class TestLoginOf:
    def test_knows_nobody_of_a_demo_that_was_not_kept(self, tmp_path):
        with pytest.raises(NobodyKept):
            login_of(Role.HOST, tmp_path)

    def test_logs_the_operator_in_as_the_suite_made_her(self, tmp_path):
        made = load_secrets(tmp_path)[OPERATOR_PASSWORD]

        assert login_of(Role.OPERATOR, tmp_path).password == made

    def test_forgets_people_with_their_data(self, tmp_path):
        keep_logins(tmp_path, {Role.HOST: HOST})
        before = json.loads((tmp_path / "logins.json").read_text())

        Suite(tmp_path, fresh=True)._empty()

        assert before
        assert not (tmp_path / "logins.json").exists()
        forget_logins(tmp_path)
