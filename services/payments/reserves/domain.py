"""A rolling reserve: a part of each release stays behind for a number of days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.kernel.decisions import Revision
from services.payments.releases.domain import Release

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class ReservePolicy:
    """So many basis points of each release stay for so many days; zero for none.

    It is of the releases from ``set_at`` on, and of no earlier one.
    """

    basis_points: int
    days: int
    why_en: str
    why_zh: str
    set_at: datetime

    def says_as(self, other: ReservePolicy) -> bool:
        """Whether both are the same but for the time."""
        return replace(self, set_at=other.set_at) == other


@dataclass(frozen=True, slots=True)
class Slice:
    """What is to stay of one release, in minor units, until a moment; and by which policy."""

    release_id: str
    minor: int
    until: datetime
    policy: ReservePolicy


@dataclass(frozen=True, slots=True)
class Reserve:
    """The policies of one organisation, whose id it has, oldest first."""

    id: str
    policies: tuple[ReservePolicy, ...] = ()
    revision: Revision = Revision()

    def set(self, policy: ReservePolicy) -> Reserve:
        """Let it go by this policy from now on; the same again changes nothing."""
        if self.policies and policy.says_as(self.policies[-1]):
            return self
        return replace(self, policies=(*self.policies, policy))

    @property
    def longest(self) -> timedelta:
        """For how long anything of a release may stay."""
        return timedelta(days=max((policy.days for policy in self.policies), default=0))

    def slices(self, releases: Sequence[Release], *, now: datetime) -> tuple[Slice, ...]:
        """What is to stay of these releases now, each by the policy of its time, rounded down."""
        return tuple(
            part
            for release in releases
            if (part := self._slice(release)) is not None and part.until > now
        )

    def _slice(self, release: Release) -> Slice | None:
        done = release.completed_at
        if done is None:
            return None
        valid = [policy for policy in self.policies if policy.set_at <= done]
        minor = release.amount.minor * valid[-1].basis_points // WHOLE if valid else 0
        if not minor:
            return None
        return Slice(release.id, minor, done + timedelta(days=valid[-1].days), valid[-1])
