"""How patient the machinery is: every waiting time of relay and consumers, in seconds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The defaults suit production; tests shorten them rather than wait."""

    lease: float = 10.0
    poll_shortest: float = 0.1
    poll_longest: float = 0.25
    broker_check: float = 5.0
    silence: float = 10.0  # no acknowledgement for so long: the producer is built anew
    refeed: timedelta = timedelta(days=7)

    offset_commit: float = 0.5
    fetch_busy: float = 0.02
    fetch_idle: float = 0.1
    fetch_bytes: float = 1
    fetch_unhurried: float = 0.3  # for groups nobody waits for, and until there is so much:
    fetch_unhurried_bytes: float = 16_384
    fetch_shown: float = 0.08  # instead, while facts come of which somebody reads a list
    stall: float = 30.0  # behind and not moving for so long: the consumer is built anew
    assignment: float = 15.0
    backoff_longest: float = 5.0

    mend: float = 1.0
    gap_pull: float = 30.0
    gap_give_up: float = 600.0
    retries: tuple[float, ...] = (1.0, 5.0, 30.0, 2 * MINUTE, 10 * MINUTE, HOUR)

    def unhurried(self, *, is_shown: bool = False) -> Pace:
        """The pace of a group nobody waits for, or of one whose facts are shown in lists."""
        return replace(
            self,
            fetch_busy=self.fetch_shown if is_shown else self.fetch_unhurried,
            fetch_idle=self.fetch_unhurried,
            fetch_bytes=self.fetch_unhurried_bytes,
        )

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Pace:
        """The defaults, but for what ``TEAHOUSE_PACE_LEASE=2`` and the like say."""
        found = {part.name: env.get(f"TEAHOUSE_PACE_{part.name.upper()}") for part in fields(cls)}
        return cls(**{name: _parsed(name, text) for name, text in found.items() if text})


def _parsed(name: str, text: str) -> Any:  # noqa: ANN401 - of three types
    if name == "retries":
        return tuple(float(part) for part in text.split(","))
    return timedelta(seconds=float(text)) if name == "refeed" else float(text)
