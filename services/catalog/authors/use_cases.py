"""What can be done with authors' keys: register one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.catalog.authors.domain import RegisteredKey, register


class AuthorKeys(Protocol):
    """The registered keys, wherever they are kept."""

    def find(self, key: str) -> RegisteredKey | None:
        """The key, or None when nobody has registered it."""
        ...

    def owners(self, keys: Collection[str]) -> Mapping[str, str]:
        """The organisation of each of these keys that somebody has registered."""
        ...

    def save(self, decision: Decision[RegisteredKey]) -> RegisteredKey:
        """Store a key, or raise ``Conflict`` when somebody was first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterKey:
    """An organisation's wish to earn for what a key signs; ``proof`` is a minisign signature."""

    organization_id: str
    key: str
    proof: str


def register_key(command: RegisterKey, *, keys: AuthorKeys, now: datetime) -> RegisteredKey:
    """Register a key to whoever can sign with it; the same again answers what is there."""
    known = keys.find(command.key)
    decision = register(command.key, command.proof, command.organization_id, known=known, at=now)
    return known or keys.save(decision)
