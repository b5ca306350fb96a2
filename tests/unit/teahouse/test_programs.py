"""Each process is told what it needs, and no other's secrets."""

from __future__ import annotations

import pytest

from chassis.settings import SERVICES, Settings
from services.identity.settings import IdentitySettings
from services.identity.users.adapters import MEMORY_KIB
from teahouse.ports import Ports
from teahouse.programs import OPERATOR_EMAIL, environment, environment_of
from teahouse.service_secrets import load_secrets


@pytest.fixture
def secrets(tmp_path):
    return load_secrets(tmp_path)


class TestEnvironment:
    def test_is_what_the_services_read(self, secrets):
        env = environment(Ports(20_000), secrets)

        settings = Settings.from_env("catalog", env)

        assert settings.mongo_uri == "mongodb://127.0.0.1:20017/catalog?replicaSet=rs0"
        assert settings.kafka_brokers == "127.0.0.1:20092"
        assert settings.api_port == 20_002
        assert settings.worker_internal_port == settings.nudge_port == 20_202
        assert settings.identity_url == "http://127.0.0.1:20001"
        assert settings.internal_url("payments") == "http://127.0.0.1:20104"
        assert settings.client_secret == secrets["catalog"]

    def test_satisfies_identity_outside_a_sandbox(self, secrets):
        env = environment_of("identity", environment(Ports(), secrets))

        settings = IdentitySettings.from_env("identity", env)

        assert settings.service_secrets == {name: secrets[name] for name in SERVICES}
        assert settings.platform_operator_email == OPERATOR_EMAIL
        assert len(settings.platform_operator_password) >= 32

    def test_gives_the_memory_of_a_hashed_password_back_at_once(self, secrets):
        env = environment_of("identity", environment(Ports(), secrets))

        assert int(env["MALLOC_MMAP_THRESHOLD_"]) < MEMORY_KIB * 1024


class TestEnvironmentOf:
    def test_keeps_the_secrets_of_other_services_away(self, secrets):
        told = environment_of("catalog", environment(Ports(), secrets))

        assert told["CATALOG_CLIENT_SECRET"] == secrets["catalog"]
        others = {secret for name, secret in secrets.items() if name != "catalog"}
        assert others.isdisjoint(told.values())
        assert not any(name.startswith("PAYMENTS_") for name in told)

    def test_passes_on_what_is_shared(self):
        told = environment_of("catalog", {"TEAHOUSE_SANDBOX": "1", "MALLOC_ARENA_MAX": "2"})

        assert told == {"TEAHOUSE_SANDBOX": "1", "MALLOC_ARENA_MAX": "2"}
