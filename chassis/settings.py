"""What a service reads from its environment: every knob, its default, its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from environs import Env, EnvError

SERVICES = ("identity", "catalog", "matching", "payments")
PORTS = {name: 8101 + index for index, name in enumerate(SERVICES)}


class SettingsError(Exception):
    """The environment does not describe a service that can start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The knobs every service has; a service adds its own in a subclass.

    A field ``mongo_uri`` of catalog is read from ``CATALOG_MONGO_URI``, or from the file
    that ``CATALOG_MONGO_URI_FILE`` names; a field marked shared is also read from
    ``TEAHOUSE_...``. The unit stands last in the name.
    """

    service: str
    mongo_uri: str = "mongodb://127.0.0.1:27117/{service}?replicaSet=rs0"
    api_port: int = 0
    api_internal_port: int = 0
    worker_internal_port: int = 0
    nudge_port: int = 0
    client_secret: str = field(default="", repr=False)
    kafka_brokers: str = field(default="127.0.0.1:9192", metadata={"shared": True})
    topic_prefix: str = field(default="teahouse", metadata={"shared": True})
    topic_partitions: int = field(default=3, metadata={"shared": True})
    topic_replicas: int = field(default=1, metadata={"shared": True})
    session_timeout_ms: int = field(default=6000, metadata={"shared": True})
    identity_url: str = field(default="http://127.0.0.1:8101", metadata={"shared": True})
    identity_internal_url: str = field(default="http://127.0.0.1:8201", metadata={"shared": True})
    catalog_internal_url: str = field(default="http://127.0.0.1:8202", metadata={"shared": True})
    matching_internal_url: str = field(default="http://127.0.0.1:8203", metadata={"shared": True})
    payments_internal_url: str = field(default="http://127.0.0.1:8204", metadata={"shared": True})
    issuer: str = field(default="teahouse-identity", metadata={"shared": True})
    body_limit_bytes: int = field(default=1_048_576, metadata={"shared": True})
    incarnation: int = 1
    log_level: str = field(default="INFO", metadata={"shared": True})
    sandbox: bool = field(default=False, metadata={"shared": True})
    version: str = field(default="0.1.0", metadata={"shared": True})

    @classmethod
    def from_env(cls, service: str, env: Mapping[str, str] | None = None) -> Self:
        """Read all knobs; raise ``SettingsError`` naming every one that is wrong."""
        reader = _Reader(service, env)
        values = {
            knob.name: reader.read(knob.name, knob.type, shared=bool(knob.metadata.get("shared")))
            for knob in fields(cls)
            if knob.name != "service"
        }
        reader.complain()
        found = {name: value for name, value in values.items() if value is not None}
        return cls(service=service, **(_defaults(service) | found))

    @property
    def source(self) -> str:
        """The CloudEvents source: the service and its incarnation."""
        return f"/{self.service}/{self.incarnation}"

    @property
    def outbox_keep(self) -> timedelta | None:
        """How long sent events stay readable for repair; None for ever."""
        return timedelta(days=400)

    def internal_url(self, service: str) -> str:
        """Where a service answers its peers."""
        found: str = getattr(self, f"{service}_internal_url")
        return found


def _defaults(service: str) -> dict[str, Any]:
    port = PORTS.get(service, 8109)
    return {
        "mongo_uri": f"mongodb://127.0.0.1:27117/{service}?replicaSet=rs0",
        "api_port": port,
        "api_internal_port": port + 100,
        "worker_internal_port": port + 200,
        "nudge_port": port + 200,
    }


class _Reader:
    """Reads one knob after the other and keeps the complaints for the end."""

    def __init__(self, service: str, env: Mapping[str, str] | None) -> None:
        self._prefixes = (f"{service.upper()}_", "TEAHOUSE_")
        self._env = env
        self._wrong: list[str] = []

    def read(self, name: str, kind: object, *, shared: bool) -> Any:  # noqa: ANN401 - any knob
        """The value of a knob, or None when the environment does not set it."""
        for prefix in self._prefixes if shared else self._prefixes[:1]:
            variable = prefix + name.upper()
            text = self._text(variable)
            if text is not None:
                return self._parsed(variable, text, str(kind))
        return None

    def complain(self) -> None:
        """Raise ``SettingsError`` with everything that was wrong."""
        if self._wrong:
            raise SettingsError("; ".join(self._wrong))

    def _text(self, variable: str) -> str | None:
        reader = Env()
        if self._env is None:
            path, text = reader.str(f"{variable}_FILE", None), reader.str(variable, None)
        else:
            path, text = self._env.get(f"{variable}_FILE"), self._env.get(variable)
        if path is None:
            return text
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            self._wrong.append(f"{variable}_FILE: {error}")
            return None

    def _parsed(self, variable: str, text: str, kind: str) -> Any:  # noqa: ANN401 - any knob
        parsers: dict[str, Any] = {"int": int, "float": float, "bool": _boolean}
        try:
            return parsers.get(kind, str)(text)
        except (ValueError, EnvError) as error:
            self._wrong.append(f"{variable}: {error}")
            return None


def _boolean(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError(f"not a yes or no: {text!r}")
