"""What settlements and refunds tell of shares, and the releasing of those that are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import pending_of
from services.payments.naming.use_cases import Intentions
from services.payments.releases.domain import (
    PayoutTerms,
    PendingShare,
    Release,
    ReleaseState,
    Source,
    release,
)


class CompletedReleases(Protocol):
    """What an organisation's shares brought."""

    def since(self, organization_id: str, currency: str, after: datetime | None) -> list[Release]:
        """Its completed releases after a moment, oldest first."""
        ...


class PendingShares(Protocol):
    """The shares that wait or waited, wherever they are kept."""

    def find(self, share_ids: Sequence[str]) -> dict[str, PendingShare]:
        """Those of them that there are."""
        ...

    def save(self, shares: Sequence[PendingShare]) -> None:
        """Store them, or raise ``Conflict``."""
        ...

    def owners_due(self, now: datetime, *, limit: int) -> list[tuple[str, str]]:
        """Some organisations, each with a currency, that have shares to be released."""
        ...

    def due_of(
        self, organization_id: str, currency: str, now: datetime, *, limit: int
    ) -> list[PendingShare]:
        """Shares of an organisation that are due and not released, oldest first."""
        ...


class Releases(Protocol):
    """The releases, wherever they are kept."""

    def get(self, release_id: str) -> Release:
        """Raise ``LookupError`` rather than return None."""
        ...

    def save(self, decision: Decision[Release]) -> Release:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


MOST_SHARES = 500
RELEASE = "release"


def keep_waiting(
    origin_id: str,
    parts: Mapping[str, Money],
    *,
    terms: PayoutTerms,
    shares: PendingShares,
    now: datetime,
) -> None:
    """Remember what a settlement or ruling brought each, and from when it may be paid out."""
    named = {Source(origin_id, who).share_id: (who, amount) for who, amount in parts.items()}
    known = shares.find(list(named))
    shares.save(
        [
            PendingShare(each, origin_id, who, amount, terms.available_at(now))
            for each, (who, amount) in named.items()
            if each not in known
        ]
    )


def take_back(parts: Mapping[Source, int], *, shares: PendingShares) -> dict[str, str]:
    """Lessen what organisations wait for by a refund; answer the account to take each from.

    ``parts`` are minor units to be given back, the answer is by share. A share that was released
    before is taken from what may be paid out, one that lacks so much becomes a debt; where there
    is none, it is taken from what waits.
    """
    named = {source.share_id: source for source in parts}
    found = shares.find(list(named))
    after = {name: each.give_back(parts[named[name]]) for name, each in found.items()}
    shares.save([after[name] for name, each in found.items() if after[name] is not each])
    accounts = {name: pending_of(source.organization_id) for name, source in named.items()}
    return accounts | {name: each.account_for(parts[named[name]]) for name, each in found.items()}


def give_again(
    parts: Mapping[Source, int],
    currency: str,
    *,
    origin_id: str,
    shares: PendingShares,
    now: datetime,
) -> None:
    """Let organisations wait for what was taken back of their shares, and is theirs after all.

    A share that was released meanwhile stays as it is: what comes back to it is a share of
    its own, named after ``origin_id`` and due at once.
    """
    found = shares.find([source.share_id for source in parts])

    def again(source: Source, minor: int) -> PendingShare:
        share, who = found.get(source.share_id), source.organization_id
        if share is not None and not share.release_id:
            return share.give_back(-minor)
        name = derived_id("psh", origin_id, source.share_id)
        return PendingShare(name, origin_id, who, Money(minor, currency), now)

    shares.save([again(source, minor) for source, minor in parts.items() if minor])


def plan_release(
    organization_id: str,
    currency: str,
    *,
    shares: PendingShares,
    releases: Releases,
    intentions: Intentions,
    now: datetime,
) -> Release | None:
    """Decide to free an organisation's due shares; None when there is nothing to free."""
    due = shares.due_of(organization_id, currency, now, limit=MOST_SHARES)
    planned = release(due, now=now)
    if planned is None:
        return None
    decided, freed = planned
    shares.save(freed)
    saved = releases.save(Decision(decided))
    intentions.record(RELEASE, saved.id)
    return saved


def record_release(planned: Release, *, releases: Releases, now: datetime) -> None:
    """Tell the organisation that the books hold it."""
    current = releases.get(planned.id)
    if current.state is ReleaseState.PLANNED:
        releases.save(current.complete(at=now))
