"""What the services of a local suite prove themselves with: made once, kept in ``var``."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from chassis.settings import SERVICES

SEALING = "sealing"
OPERATOR_PASSWORD = "platform_operator_password"  # noqa: S105 - the name of one
BYTES = 32


def load_secrets(var: Path) -> dict[str, str]:
    """One a service, one to seal identity's keys, one to log in as the platform's operator.

    Missing ones are made. They lie in ``var/secrets.json``, readable by the owner alone.
    """
    path = var / "secrets.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in (*SERVICES, SEALING, OPERATOR_PASSWORD) if name not in found]
    if missing:
        found |= {name: secrets.token_urlsafe(BYTES) for name in missing}
        write_secret(path, json.dumps(found, indent=2))
    return found


def write_secret(path: Path, text: str) -> None:
    """Put text in the place of what was there, at once, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
