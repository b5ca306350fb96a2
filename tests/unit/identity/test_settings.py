"""Identity refuses to start with careless secrets anywhere but in a sandbox."""

from __future__ import annotations

import pytest

from chassis.settings import SERVICES, SettingsError
from services.identity.settings import IdentitySettings

SECRETS = {f"{name.upper()}_CLIENT_SECRET": f"{name}'s own long secret" for name in SERVICES}


class TestFromEnv:
    def test_reads_the_secrets_the_services_read_themselves(self):
        settings = IdentitySettings.from_env(env=SECRETS)

        assert settings.service_secrets["matching"] == "matching's own long secret"
        assert settings.sealing_secret == "identity's own long secret"

    def test_names_every_secret_that_is_missing_or_short(self):
        careless = SECRETS | {"CATALOG_CLIENT_SECRET": "", "MATCHING_CLIENT_SECRET": "short"}

        with pytest.raises(SettingsError) as refusal:
            IdentitySettings.from_env(env=careless)

        assert str(refusal.value).endswith("in: CATALOG_CLIENT_SECRET, MATCHING_CLIENT_SECRET")

    def test_refuses_the_sandboxs_own_secret_outside_a_sandbox(self):
        with pytest.raises(SettingsError):
            IdentitySettings.from_env(
                env=SECRETS | {"IDENTITY_SEALING_SECRET": "for-a-sandbox-only"}
            )

    def test_lets_a_sandbox_go_without(self):
        settings = IdentitySettings.from_env(env={"TEAHOUSE_SANDBOX": "1"})

        assert all(settings.service_secrets[name] for name in SERVICES)

    def test_shows_no_secret_when_printed(self):
        settings = IdentitySettings.from_env(
            env=SECRETS | {"IDENTITY_PLATFORM_OPERATOR_PASSWORD": "bamboo by the lake"}
        )

        assert "long secret" not in repr(settings)
        assert "bamboo" not in repr(settings)
