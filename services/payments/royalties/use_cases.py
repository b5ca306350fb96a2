"""What is done about royalties that are claimed: hold, rule, pay out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision, NotYet
from services.payments.ledger.use_cases import Ledger
from services.payments.naming.use_cases import Intentions
from services.payments.releases.domain import terms_at
from services.payments.releases.use_cases import PendingShares, keep_waiting
from services.payments.royalties.domain import HoldState, Outcome, RoyaltyHold

RELEASE = "release-royalties"


class Royalties(Protocol):
    """The royalty holds, wherever they are kept."""

    def get(self, copy_claim_id: str) -> RoyaltyHold:
        """Raise ``RoyaltyHoldNotFound`` rather than return None."""
        ...

    def find(self, copy_claim_id: str) -> RoyaltyHold | None:
        """The hold of a copy claim, if payments has heard of it."""
        ...

    def standing(self, digest: str) -> RoyaltyHold | None:
        """What counts for a version now: its oldest open hold, else one that was upheld."""
        ...

    def save(self, decision: Decision[RoyaltyHold]) -> RoyaltyHold:
        """Store it, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """A copy claim was opened on a version."""

    copy_claim_id: str
    digest: str
    claimant_id: str
    accused_id: str

    def hold(self) -> RoyaltyHold:
        """The hold it opens."""
        return RoyaltyHold(self.copy_claim_id, self.digest, self.claimant_id, self.accused_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseHold:
    """A copy claim was closed; ``payees`` are the claimant's authors, in basis points."""

    opened: OpenHold
    outcome: Outcome
    payees: Mapping[str, int]


def open_hold(command: OpenHold, *, royalties: Royalties) -> None:
    """Hold the royalties of a version from now on; again changes nothing."""
    if royalties.find(command.copy_claim_id) is None:
        royalties.save(Decision(command.hold()))


def close_hold(command: CloseHold, *, royalties: Royalties, intentions: Intentions) -> None:
    """Take a ruling in, and intend to pay out what is held; again changes nothing."""
    hold = royalties.find(command.opened.copy_claim_id) or command.opened.hold()
    ruled = hold.rule(command.outcome, command.payees)
    if ruled is not hold:
        royalties.save(Decision(ruled))
        intentions.record(RELEASE, ruled.id)


def plan_release(copy_claim_id: str, *, royalties: Royalties) -> RoyaltyHold:
    """What is to be paid out; raise ``NotYet`` while a settlement is being booked into it."""
    hold = royalties.get(copy_claim_id)
    if hold.booking:
        raise NotYet(f"{hold.booking[0]} is being booked")
    return hold


def book_release(hold: RoyaltyHold, *, ledger: Ledger) -> None:
    """Pay all of it out in one entry; booking it again changes nothing."""
    entry = hold.entry()
    if entry is not None and hold.state is HoldState.RULED:
        ledger.submit([entry])[0].or_raise()


def record_release(
    planned: RoyaltyHold, *, royalties: Royalties, shares: PendingShares, now: datetime
) -> None:
    """Remember that it is paid out, and that the payees wait for it as for any share."""
    hold = royalties.get(planned.id)
    if hold.state is HoldState.RULED:
        royalties.save(Decision(hold.pay()))
        keep_waiting(hold.id, hold.brought(), terms=terms_at(now), shares=shares, now=now)
