"""Secrets are made once and kept to their owner."""

from __future__ import annotations

import json
import stat

from chassis.settings import SERVICES
from teahouse.service_secrets import load_secrets


class TestLoadSecrets:
    def test_makes_one_for_every_service(self, tmp_path):
        made = load_secrets(tmp_path)

        assert set(SERVICES) < set(made)
        assert len(set(made.values())) == len(made)
        assert min(len(secret) for secret in made.values()) >= 32

    def test_gives_the_same_ones_again(self, tmp_path):
        assert load_secrets(tmp_path) == load_secrets(tmp_path)

    def test_adds_what_is_missing_and_keeps_the_rest(self, tmp_path):
        (tmp_path / "secrets.json").write_text(json.dumps({"catalog": "old"}))

        assert load_secrets(tmp_path)["catalog"] == "old"
        assert load_secrets(tmp_path)["payments"] == load_secrets(tmp_path)["payments"]

    def test_lets_nobody_else_read_them(self, tmp_path):
        load_secrets(tmp_path)

        mode = (tmp_path / "secrets.json").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
