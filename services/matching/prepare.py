"""What ``teahouse prepare`` makes for matching beside collections and indexes."""

from __future__ import annotations

from services.matching.doors.repositories import MongoDoorKeys


def prepare() -> None:
    """Make the first door key, unless there is one."""
    MongoDoorKeys().ensure()
