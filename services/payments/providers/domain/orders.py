"""What is asked of a provider: one small value for each kind of call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from chassis.kernel.money import Money
from services.payments.providers.domain.capabilities import PartyKind


class Kind(StrEnum):
    """The kinds of call that change something at a provider."""

    REGISTER = "register"
    COLLECT = "collect"
    SPLIT = "split"
    FINISH = "finish"
    RETURN_SPLIT = "return-split"
    REFUND = "refund"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An operation that a later one builds on: our id of it, and the provider's."""

    id: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets money. ``account`` is what the provider, or the bank, calls it."""

    party_id: str
    kind: PartyKind
    account: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One receiver's part of a split."""

    receiver: Receiver
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterParty:
    """Make a receiver known, which some providers ask for before the first split or payout."""

    kind: ClassVar[Kind] = Kind.REGISTER
    receiver: Receiver
    relation: str = "partner"

    @property
    def amount(self) -> Money | None:
        """Nothing is moved."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Take what a buyer pays, to ``payee``; frozen for splitting when ``is_shared``."""

    kind: ClassVar[Kind] = Kind.COLLECT
    payee: Receiver
    amount: Money
    description: str
    is_shared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Give receivers their shares of what was collected; the rest stays frozen."""

    kind: ClassVar[Kind] = Kind.SPLIT
    collection: Earlier
    currency: str
    shares: tuple[Share, ...]

    @property
    def amount(self) -> Money:
        """All shares together."""
        return Money(sum(share.minor for share in self.shares), self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """Free what is left of a collection to its payee; no split can follow."""

    kind: ClassVar[Kind] = Kind.FINISH
    collection: Earlier

    @property
    def amount(self) -> Money | None:
        """The provider knows how much is left."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSplit:
    """Take a share, or a part of it, back from its receiver.

    ``collection`` is what was shared out, by which some providers find the share.
    """

    kind: ClassVar[Kind] = Kind.RETURN_SPLIT
    split: Earlier
    receiver: Receiver
    amount: Money
    collection: Earlier = Earlier("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Give the buyer money of a collection back."""

    kind: ClassVar[Kind] = Kind.REFUND
    collection: Earlier
    amount: Money
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayOut:
    """Send money to a receiver's bank account or wallet."""

    kind: ClassVar[Kind] = Kind.PAYOUT
    receiver: Receiver
    amount: Money
    remark: str = ""


Order = RegisterParty | Collect | Split | Finish | ReturnSplit | Refund | PayOut
