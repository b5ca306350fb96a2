"""Where it is noted what hosts were shown."""

from __future__ import annotations

from typing import Protocol

from services.matching.exposures.domain import Exposure


class Exposures(Protocol):
    """A record for learning and audits; no answer waits for it."""

    def note(self, exposure: Exposure) -> None:
        """Note it soon, at once for whoever calls. What is not kept yet a crash may lose."""
        ...
