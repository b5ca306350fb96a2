"""Is this process alive, and is it ready: checks by name, never Kafka among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pymongo
from pymongo.errors import PyMongoError

from chassis.mongo import client

Check = Callable[[], bool]
PING_SECONDS = 1.0


def mongo_answers() -> bool:
    """Whether the primary answers within a second."""
    try:
        with pymongo.timeout(PING_SECONDS):
            client().admin.command("ping")
    except PyMongoError:
        return False
    return True


class Readiness:
    """The checks that must pass before traffic is sent here."""

    def __init__(self, checks: Mapping[str, Check] | None = None) -> None:
        self._checks = {"mongo": mongo_answers, **(checks or {})}

    def add(self, name: str, check: Check) -> None:
        """Ask this as well."""
        self._checks[name] = check

    def report(self) -> tuple[bool, dict[str, bool]]:
        """Whether every check passes, and each by name."""
        found = {name: check() for name, check in self._checks.items()}
        return all(found.values()), found
