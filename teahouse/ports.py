"""Which port everything listens on, and how to move all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.settings import SERVICES

DEFAULT_BASE = 8100
LOWEST_BASE, HIGHEST_BASE = 1_024, 65_000


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one suite, all on 127.0.0.1.

    A service's public port is ``base`` + 1 to 4, its internal port 100 above, its worker's
    200 above. mongod and the broker keep numbers of their own while the base is the
    default, else they follow it: + 17 and + 92.
    """

    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not LOWEST_BASE <= self.base <= HIGHEST_BASE:
            raise ValueError(
                f"a port base lies from {LOWEST_BASE} to {HIGHEST_BASE}, not {self.base}"
            )

    @property
    def mongod(self) -> int:
        return 27117 if self.base == DEFAULT_BASE else self.base + 17

    @property
    def broker(self) -> int:
        return 9192 if self.base == DEFAULT_BASE else self.base + 92

    def public(self, service: str) -> int:
        return self.base + 1 + SERVICES.index(service)

    def internal(self, service: str) -> int:
        return self.public(service) + 100

    def worker(self, service: str) -> int:
        return self.public(service) + 200

    def all(self) -> dict[str, int]:
        """Every port by the name of its listener."""
        found = {"mongod": self.mongod, "broker": self.broker}
        for service in SERVICES:
            found[f"{service}-api"] = self.public(service)
            found[f"{service}-api internal"] = self.internal(service)
            found[f"{service}-worker internal"] = self.worker(service)
        return found
