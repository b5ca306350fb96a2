"""Making, rotating and publishing signing keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.identity.keys.domain import KeyRing, SigningKey


class KeyRings(Protocol):
    """The one ring of keys, wherever it is kept."""

    def get(self) -> KeyRing:
        """The ring; an empty one before the first key."""
        ...

    def save(self, decision: Decision[KeyRing]) -> KeyRing:
        """Store the ring, or raise ``Conflict``."""
        ...


class KeyMaker(Protocol):
    """Makes key pairs, their private half sealed."""

    def make(self, now: datetime) -> SigningKey:
        """A fresh Ed25519 key with an id of its own."""
        ...


def rotate_keys(*, rings: KeyRings, maker: KeyMaker, life: timedelta, now: datetime) -> KeyRing:
    """Sign with a fresh key from now on; tokens signed before stay valid for their life."""
    return rings.save(rings.get().rotate(maker.make(now), now, life=life))


def ensure_key(*, rings: KeyRings, maker: KeyMaker, life: timedelta, now: datetime) -> KeyRing:
    """Make the first key if there is none."""
    ring = rings.get()
    return ring if ring.keys else rotate_keys(rings=rings, maker=maker, life=life, now=now)
