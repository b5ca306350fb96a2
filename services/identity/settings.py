"""What identity reads from its environment beyond what every service does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from chassis.auth import LEEWAY_SECONDS
from chassis.settings import SERVICES, Settings, SettingsError

SHORTEST_SECRET = 16
_SANDBOX_SECRET = "for-a-sandbox-only"  # noqa: S105 - refused anywhere else


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings(Settings):
    """Identity's knobs.

    ``service_secrets`` are read from ``CATALOG_CLIENT_SECRET`` and its like, the very
    variables the services read themselves. Outside a sandbox every secret must be given.
    """

    access_token_seconds: int = 600
    service_token_seconds: int = 300
    sealing_secret: str = field(default="", repr=False)
    platform_operator_email: str = ""
    platform_operator_password: str = field(default="", repr=False)
    service_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_env(cls, service: str = "identity", env: Mapping[str, str] | None = None) -> Self:
        """Read all knobs; raise ``SettingsError`` for a missing or careless secret."""
        found = super(IdentitySettings, cls).from_env(service, env)
        secrets = {name: Settings.from_env(name, env).client_secret for name in SERVICES}
        return replace(found, service_secrets=secrets).with_secrets()

    def with_secrets(self) -> Self:
        """Fill what a sandbox may leave out; raise ``SettingsError`` anywhere else."""
        spare = _SANDBOX_SECRET if self.sandbox else ""
        complete = replace(
            self,
            sealing_secret=self.sealing_secret or self.client_secret or spare,
            service_secrets={name: self.service_secrets.get(name) or spare for name in SERVICES},
        )
        careless = [] if self.sandbox else list(complete._careless())
        if careless:
            raise SettingsError(
                f"give a secret of {SHORTEST_SECRET} characters or more in: {', '.join(careless)}"
            )
        return complete

    @property
    def longest_token_life(self) -> timedelta:
        """How long a token may be accepted after its key has been retired."""
        longest = max(self.access_token_seconds, self.service_token_seconds)
        return timedelta(seconds=longest + LEEWAY_SECONDS)

    def _careless(self) -> list[str]:
        """The variables whose secret is missing or too short for production."""
        secrets = {
            f"{name.upper()}_CLIENT_SECRET": secret
            for name, secret in self.service_secrets.items()
        } | {"IDENTITY_SEALING_SECRET": self.sealing_secret}
        return [
            name
            for name, secret in secrets.items()
            if len(secret) < SHORTEST_SECRET or secret == _SANDBOX_SECRET
        ]
