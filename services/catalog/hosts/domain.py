"""A host with a record: one whose claim was settled at least once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """A host held a gathering that was approved and paid out, the first one ``since``."""

    host_id: str
    since: datetime
