"""A royalty hold: what a claimed copy earns while nobody knows whose it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money, split
from services.payments.contracts.domain import Party
from services.payments.ledger.domain import EntryRequest, Leg, pending_of, plain
from sharing.terms import AUTHOR


class RoyaltyHoldNotFound(NotFound):
    """No royalties are held for that copy claim."""

    code = "royalty-hold-not-found"
    hint = "Check the copy claim's identifier; only its parties can read what is held."
    chinese = "没有为该抄袭申诉暂存的版税，请核对编号；只有申诉双方可以查看。"


class HoldState(StrEnum):
    """Whether money comes in, waits to be paid out, or is paid out."""

    HELD = "held"
    RULED = "ruled"
    PAID = "paid"


class Outcome(StrEnum):
    """How a copy claim ended: the claimant was right, or was not."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class Portion(NamedTuple):
    """What one organisation has of a hold once it ends, in minor units; negative taken back."""

    organization_id: str
    minor: int


@dataclass(frozen=True, slots=True)
class RoyaltyHold:
    """The royalties of one version while a copy claim on it is open; its id is the claim's.

    ``kept`` is by whom it would go to if the claim is rejected, ``payees`` are who gets it if
    the claim is upheld, in basis points. ``booking`` are the settlements whose entries are on
    their way into the books, and what disputes hold of it: nothing is paid out before their
    end. ``carries`` is what payees are still owed, in 1/10,000 of a minor unit.
    """

    id: str
    digest: str
    claimant_id: str
    accused_id: str
    state: HoldState = HoldState.HELD
    outcome: Outcome | None = None
    payees: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, Money] = field(default_factory=dict)
    booking: tuple[str, ...] = ()
    carries: tuple[int, ...] = ()
    revision: Revision = Revision()

    @property
    def account(self) -> str:
        """Where the money waits."""
        return Party(AUTHOR, self.accused_id, 0, self.id, is_held=True).account

    @property
    def is_diverted(self) -> bool:
        """Whether the version's royalties are another's from now on."""
        return self.outcome is Outcome.UPHELD

    @property
    def total(self) -> int:
        """All that is held, or was when it was paid out, in minor units."""
        return sum(amount.minor for amount in self.kept.values())

    def involves(self, organization_id: str) -> bool:
        """Whether an organisation may read it."""
        parties = {self.claimant_id, self.accused_id, *self.kept, *self.payees}
        return organization_id in parties

    def mark(self, parties: Sequence[Party]) -> tuple[Party, ...]:
        """The same parties, the authors' shares of them held, or said to follow a ruling."""
        is_held = self.state is HoldState.HELD
        return tuple(
            replace(party, copy_claim_id=self.id, is_held=is_held)
            if party.role == AUTHOR
            else party
            for party in parties
        )

    def keep(self, settlement_id: str, shares: Mapping[str, Money]) -> RoyaltyHold:
        """Hold the authors' shares of a settlement that is about to be booked."""
        return self.give_back(shares).await_booking(settlement_id)

    def await_booking(self, origin_id: str) -> RoyaltyHold:
        """Pay nothing out until what this brings or takes is in the books."""
        return replace(self, booking=(*self.booking, origin_id))

    def booked(self, origin_id: str) -> RoyaltyHold:
        """The books have what this settlement, or dispute, brought or took."""
        left = tuple(each for each in self.booking if each != origin_id)
        return replace(self, booking=left)

    def give_back(self, shares: Mapping[str, Money]) -> RoyaltyHold:
        """Let a refund take its part (negative shares) out of what is held."""
        return replace(self, kept=_plus(self.kept, shares))

    def rule(self, outcome: Outcome, payees: Mapping[str, int]) -> RoyaltyHold:
        """Take the ruling in; the first that is heard counts."""
        if self.state is not HoldState.HELD:
            return self
        return replace(
            self, state=HoldState.RULED, outcome=outcome, payees=dict(sorted(payees.items()))
        )

    def payouts(self) -> tuple[Portion, ...]:
        """Who gets what of all that is held; together it is all of it."""
        if not self.is_diverted:
            return tuple(Portion(each, amount.minor) for each, amount in self.kept.items())
        return self._divided(self.total)[0]

    def brought(self) -> dict[str, Money]:
        """What each payee waits for once it is paid out."""
        if not self.total:
            return {}
        currency = next(iter(self.kept.values())).currency
        paid = (payout for payout in self.payouts() if payout.minor)
        return {payout.organization_id: Money(payout.minor, currency) for payout in paid}

    def pay(self) -> RoyaltyHold:
        """All of it is paid out."""
        carries = self._divided(self.total)[1] if self.is_diverted else ()
        return replace(self, state=HoldState.PAID, carries=carries)

    def take_back(self, shares: Mapping[str, Money]) -> tuple[RoyaltyHold, tuple[Portion, ...]]:
        """Let a refund take its part (negative shares) from those it was paid to by the ruling."""
        if not self.is_diverted:
            return self, tuple(Portion(who, amount.minor) for who, amount in shares.items())
        payouts, carries = self._divided(sum(amount.minor for amount in shares.values()))
        return replace(self, carries=carries), payouts

    def give_again(self, shares: Mapping[str, Money], payouts: Sequence[Portion]) -> RoyaltyHold:
        """Undo ``take_back`` of these shares, which took these portions."""
        if not self.is_diverted:
            return self
        minor, points = sum(amount.minor for amount in shares.values()), self.payees.values()
        whole = sum(points)
        carries = tuple(
            carry - minor * point + portion.minor * whole
            for carry, point, portion in zip(self.carries, points, payouts, strict=True)
        )
        return replace(self, carries=carries)

    def entry(self) -> EntryRequest | None:
        """The one entry that pays all of it out; None when nothing is held."""
        if not self.total:
            return None
        payouts = [payout for payout in self.payouts() if payout.minor]
        currency = next(iter(self.kept.values())).currency
        english, chinese = _WHY[self.outcome or Outcome.REJECTED]
        reason = {
            "copy_claim_id": self.id,
            "cartridge_digest": self.digest,
            "outcome": self.outcome,
            "why": {"en": english, "zh": chinese},
            "payees": dict(self.payees),
        }
        legs = [
            Leg(self.account, -self.total, currency),
            *(
                Leg(pending_of(payout.organization_id), payout.minor, currency)
                for payout in payouts
            ),
        ]
        entry_id = derived_id("ent", self.id, "royalties")
        return plain(entry_id, legs, "royalties-ruled", reason, reference=self.id)

    def _divided(self, minor: int) -> tuple[tuple[Portion, ...], tuple[int, ...]]:
        points = list(self.payees.values())
        shares, carries = split(minor, points, self.carries or (0,) * len(points))
        return tuple(map(Portion, self.payees, shares)), carries


_WHY = {
    Outcome.UPHELD: (
        "The copy claim was upheld: the royalties held are the claimant's authors'",
        "抄袭申诉成立：暂存的版税归申诉方作者",
    ),
    Outcome.REJECTED: (
        "The copy claim was rejected: the royalties held go to whom they were due",
        "抄袭申诉不成立：暂存的版税付给原应得的作者",
    ),
}


def _plus(kept: Mapping[str, Money], more: Mapping[str, Money]) -> dict[str, Money]:
    together = dict(kept)
    for organization_id, amount in more.items():
        before = together.get(organization_id, Money(0, amount.currency))
        together[organization_id] = before + amount
    return together
