"""What ``teahouse prepare`` makes for payments beside collections and indexes."""

from __future__ import annotations

from chassis.signer import Signer


def prepare() -> None:
    """Make the first key that the roots of days are signed with, unless there is one."""
    Signer().ensure()
