"""What ``teahouse prepare`` makes for matching beside collections and indexes."""

from __future__ import annotations

from chassis.signer import Signer


def prepare() -> None:
    """Make the first key that door codes are signed with, unless there is one."""
    Signer().ensure()
