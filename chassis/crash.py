"""Named places where a test may kill this process, as a power cut would."""

from __future__ import annotations

import os
from collections import Counter

KILLED = 137

_hits: Counter[str] = Counter()


def point(name: str) -> None:
    """Die here when ``TEAHOUSE_CRASH_AT`` says so: ``R3:2`` dies at the second R3.

    The names follow a write through the system: W1 before the transaction, W2 in it, W4
    after the commit (W3, the commit under way, is the database's to hold up); R1 batch
    read, R2 sent, R3 acknowledged, R4 marked; C1 polled, C2 in the transaction, C3
    committed, C4 offset committed; ``S.reserve.running`` a saga's turn to that step and
    state, before its commit.
    """
    wanted = os.environ.get("TEAHOUSE_CRASH_AT")
    if wanted is None:
        return
    place, _, count = wanted.partition(":")
    if place == name:
        _hits[name] += 1
        if _hits[name] >= int(count or 1):
            os._exit(KILLED)


def follow() -> None:
    """Die after a child that was killed here: a power cut leaves no master to replace it."""
    if "TEAHOUSE_CRASH_AT" in os.environ:
        os._exit(KILLED)
