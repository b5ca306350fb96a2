"""An organisation as matching knows it: who may host with whom."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A party, by its kind: brand, host, venue, author or platform."""

    id: str
    kind: str
