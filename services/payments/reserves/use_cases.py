"""How reserves are set, and how much each is to hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.payments.releases.use_cases import CompletedReleases
from services.payments.reserves.domain import Reserve, ReservePolicy, Slice


class ReserveBook(Protocol):
    """The policies of organisations, wherever they are kept."""

    def of(self, organization_id: str) -> Reserve:
        """An organisation's; without any policy if none was ever set."""
        ...

    def save(self, reserve: Reserve) -> Reserve:
        """Store it, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReserve:
    """The operator's wish to have a part of each release stay, and why."""

    organization_id: str
    basis_points: int
    days: int
    why_en: str
    why_zh: str


def set_reserve(command: SetReserve, *, book: ReserveBook, now: datetime) -> Reserve:
    """Set an organisation's policy for its releases from now on."""
    reserve = book.of(command.organization_id)
    policy = ReservePolicy(command.basis_points, command.days, command.why_en, command.why_zh, now)
    after = reserve.set(policy)
    return reserve if after is reserve else book.save(after)


def slices_of(
    reserve: Reserve, currency: str, *, releases: CompletedReleases, now: datetime
) -> tuple[Slice, ...]:
    """What is to stay now of an organisation's releases in a currency, oldest first."""
    if not reserve.policies:
        return ()
    found = releases.since(reserve.id, currency, now - reserve.longest)
    return reserve.slices(found, now=now)
