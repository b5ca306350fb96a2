"""A refund, or a dispute that takes as one would: out of the takings or out of every share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Message, Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import Party
from services.payments.debts.domain import recovery
from services.payments.ledger.domain import (
    PLATFORM_DEBT,
    PLATFORM_FEES,
    PROVIDER,
    RETURNS_FUND,
    EntryRequest,
    Leg,
    available_of,
    debt_of,
    hold,
    pending_of,
    plain,
    post,
    reserve_of,
    void,
)
from services.payments.releases.domain import Source
from services.payments.royalties.domain import Portion
from services.payments.sales.domain import Sale
from services.payments.settlements.domain.reasons import told
from services.payments.settlements.events import (
    PaidShare,
    RefundRefused,
    SaleRefunded,
    SaleRefundedFact,
)
from sharing.explaining import Reason
from sharing.terms import AUTHOR, PLATFORM

_RETURNED = Reason("Returned to the guest", "退还客人")
_TAKEN = Reason("Takings of the gathering", "活动收入")
_WON = ("The dispute was won; all that was held for it is free", "退单抗辩胜诉，冻结金额全部解除")
_LOST = (
    "The dispute was lost; what was held for it is the buyer's",
    "退单抗辩败诉，冻结金额归买家",
)


class RefundState(StrEnum):
    """How far a refund has come; HELD and VOIDED are only what disputes take."""

    PLANNED = "planned"
    BOOKED = "booked"
    REFUSED = "refused"
    HELD = "held"
    VOIDED = "voided"


class Purpose(StrEnum):
    """What moves money between the shares of a settlement and a buyer.

    CHARGEBACK is what a bank takes for a buyer who disputes a sale: held first. REGULATION
    brings every share to what the rest alone would have brought, once a dispute was won.
    """

    REFUND = "refund"
    CHARGEBACK = "chargeback"
    REGULATION = "regulation"


class Wording(NamedTuple):
    """The code of an entry for a purpose, and what it says in both languages."""

    code: str
    english: str
    chinese: str


_WORDING = {
    Purpose.REFUND: Wording(
        "refund",
        "Returned to the guest; every share of the sale is reversed",
        "退还客人，按份额逐一冲回",
    ),
    Purpose.CHARGEBACK: Wording(
        "dispute-held",
        "The buyer disputes the sale at its bank; every share of it is held until the ruling",
        "买家向银行退单该笔销售，各方份额冻结至裁定",
    ),
    Purpose.REGULATION: Wording(
        "dispute-shared",
        "The dispute was won; every share is what the sales that stand bring",
        "退单抗辩胜诉，各方份额按有效销售重新核定",
    ),
}


class Lacking(StrEnum):
    """Who lacks a part of a refund, which is booked as a debt: each time more, until it stands."""

    NONE = "none"
    ORGANIZATIONS = "organizations"
    ALL = "all"


class Giver(NamedTuple):
    """Who gives how much (money out is negative) of the share that an origin brought, and why."""

    party: Party
    minor: int
    why: Reason
    origin_id: str

    @property
    def source(self) -> Source:
        """What brought the share that it gives of."""
        return Source(self.origin_id, self.party.organization_id)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back for one sale; ``shares`` and ``reasons`` follow ``parties``.

    A share is what a party's account changes by: money out, but for the odd fen that rounding
    moves the other way. ``accounts`` say, by share, where the money of organisations lies, or
    that they owe it. ``payouts`` are what a ruling's payees give of royalties
    that were held. An empty ``message_id`` says that no saga asked for it and none is answered.
    ``amount`` is negative for a regulation that brings a share of takings that a dispute held.
    ``lacking`` says who owes its part of what a dispute holds.
    """

    id: str
    gathering_id: str
    sale_id: str
    amount: Money
    settlement_id: str | None
    parties: tuple[Party, ...]
    shares: tuple[int, ...]
    state: RefundState
    message_id: str
    saga_id: str
    code: str = ""
    detail: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)
    payouts: tuple[Portion, ...] = ()
    reasons: tuple[Reason, ...] = ()
    purpose: Purpose = Purpose.REFUND
    lacking: Lacking = Lacking.NONE
    revision: Revision = Revision()

    @property
    def entry_id(self) -> str:
        """The entry that gives the buyer the money out of everybody's share."""
        return derived_id("ent", self.id, "refund", self.sale_id)

    @property
    def copy_claim_id(self) -> str | None:
        """The copy claim for which some of what it takes back was held, if there is one."""
        return next((party.copy_claim_id for party in self.parties if party.is_held), None)

    @property
    def held_shares(self) -> dict[str, Money]:
        """What it takes back of royalties that were held, by whom they would have gone to."""
        return held_of(self.parties, self.shares, self.amount.currency)

    def paid_to(self, payouts: Sequence[Portion]) -> Refund:
        """Take what was held back from whom it was paid to by the ruling."""
        return replace(self, payouts=tuple(payouts))

    @property
    def givers(self) -> tuple[Giver, ...]:
        """Who gives what, and why: the parties, or the payees for those whose share was held."""
        reasons = self.reasons or (_RETURNED,) * len(self.shares)
        found = tuple(
            Giver(*each, self.settlement_id or "")
            for each in zip(self.parties, self.shares, reasons, strict=True)
        )
        if not self.payouts:
            return found
        claim = self.copy_claim_id or ""
        why = Reason(
            f"Refund, share of the cartridge author: by the ruling on copy claim {claim}",
            f"退款，主题作者份额：依抄袭申诉 {claim} 的裁定",
            ("refund",),
        )
        paid = (
            Giver(Party(AUTHOR, who, 0, claim), minor, why, claim) for who, minor in self.payouts
        )
        return (*(each for each in found if not each.party.is_held), *paid)

    @property
    def to_give_back(self) -> dict[Source, int]:
        """What is given back of each share of an organisation, in minor units."""
        sums: dict[Source, int] = {}
        for giver in self.givers:
            if giver.party.role != PLATFORM and not giver.party.is_held:
                sums[giver.source] = sums.get(giver.source, 0) - giver.minor
        return sums

    @property
    def owed(self) -> dict[Source, int]:
        """What is given back of each share, in minor units; none of which nothing is."""
        return {source: minor for source, minor in self.to_give_back.items() if minor > 0}

    def entry(self, sale: Sale, *, lacking: Lacking = Lacking.NONE) -> EntryRequest:
        """Give the buyer the money: from the takings, or from everybody who had a share.

        Shares come out of where they are, or become debts of who is ``lacking``: the buyer
        never waits for anybody's money. All of these have the same id, so only one can stand.
        """
        if self.settlement_id is None and self.purpose is Purpose.REFUND:
            return sale.return_entry(self.amount, refund_id=self.id)
        code, english, chinese = _WORDING[self.purpose]
        legs, reasons = zip(*self._moves(sale, lacking), strict=True)
        build = hold if self.purpose is Purpose.CHARGEBACK else plain
        reason = told(self._about(english, chinese), reasons)
        return build(self.entry_id, legs, code, reason, reference=self.sale_id)

    @property
    def lost_id(self) -> str:
        """The entry by which a dispute that was lost takes for good what it held."""
        return derived_id("ent", self.id, "lost")

    def end_entry(self, sale: Sale, *, is_lost: bool) -> EntryRequest:
        """Take what a dispute holds for good, each leg with its reason, or let go of all of it."""
        held = self.entry_id
        if not is_lost:
            won_id, why = derived_id("ent", self.id, "won"), self._about(*_WON)
            return void(won_id, held, "dispute-won", why, reference=self.sale_id)
        reasons = [reason for _, reason in self._moves(sale, self.lacking)]
        reason = told(self._about(*_LOST), reasons)
        return post(self.lost_id, held, "dispute-lost", reason, reference=self.sale_id)

    def _moves(self, sale: Sale, lacking: Lacking) -> list[tuple[Leg, Reason]]:
        """Its legs, each with its reason."""
        currency, is_inside = self.amount.currency, self.purpose is Purpose.REGULATION
        moves = [
            (Leg(self._account(giver, lacking), giver.minor, currency), giver.why)
            for giver in self.givers
            if giver.minor
        ]
        if self.settlement_id is None:
            moves.append((Leg(sale.takings, -self.amount.minor, currency), _TAKEN))
        if self.amount:
            other, why = (sale.takings, _TAKEN) if is_inside else (PROVIDER, _RETURNED)
            moves.append((Leg(other, self.amount.minor, currency), why))
        return moves

    def _about(self, english: str, chinese: str) -> dict[str, object]:
        return {
            "why": {"en": english, "zh": chinese},
            "sale_id": self.sale_id,
            "refund_id": self.id,
            "settlement_id": self.settlement_id,
        }

    def become(self, state: RefundState, lacking: Lacking | None = None) -> Refund:
        """The same, so far."""
        return replace(self, state=state, lacking=lacking or self.lacking)

    def recoveries(self, lacking: Lacking) -> list[list[EntryRequest]]:
        """For each debt that it was booked as, how that is paid: by the first that stands."""
        found = [
            [self._recovery(source, account, minor) for account in self._payers(source)]
            for source, minor in self.owed.items()
            if lacking is not Lacking.NONE
            or self.accounts.get(source.share_id) == debt_of(source.organization_id)
        ]
        if lacking is Lacking.ALL and self._platform_owes:
            owed, source = self._platform_owes, Source(self.settlement_id or "", PLATFORM)
            payers = (PLATFORM_FEES, RETURNS_FUND)
            found.append([self._recovery(source, account, owed) for account in payers])
        return found

    def _recovery(self, source: Source, account: str, minor: int) -> EntryRequest:
        # The same id from any account, so that a debt is paid once.
        who, amount = source.organization_id, Money(minor, self.amount.currency)
        of = () if source.origin_id == self.settlement_id else (source.origin_id,)
        entry_id = derived_id("ent", self.id, "recovery", who, amount.currency, *of)
        debt = PLATFORM_DEBT if who == PLATFORM else debt_of(who)
        return recovery(account, debt, amount, entry_id=entry_id, about=self.id)

    def _payers(self, source: Source) -> tuple[str, ...]:
        """What pays a debt: what waits, if it was lessened for it; the reserve; what is free."""
        who = source.organization_id
        waits = self.accounts.get(source.share_id) == pending_of(who)
        others = (reserve_of(who), available_of(who))
        return (pending_of(who), *others) if waits else others

    @property
    def _platform_owes(self) -> int:
        """What the platform gives back, in minor units; zero when rounding brings it some."""
        given = -sum(giver.minor for giver in self.givers if giver.party.role == PLATFORM)
        return max(0, given)

    def _account(self, giver: Giver, lacking: Lacking) -> str:
        party, source = giver.party, giver.source
        if party.role == PLATFORM and lacking is Lacking.ALL and self._platform_owes:
            return PLATFORM_DEBT
        if party.role == PLATFORM or party.is_held:
            return party.account
        if lacking is not Lacking.NONE and source in self.owed:
            return debt_of(source.organization_id)
        return self.accounts.get(source.share_id, party.account)

    def complete(self, *, at: datetime) -> Decision[Refund]:
        """Close it: the books hold it, or it was refused."""
        if self.state is RefundState.REFUSED:
            return Decision(self, (), (self._refusal(at),))
        answers = (self._answer(at),) if self.message_id else ()
        return Decision(replace(self, state=RefundState.BOOKED), (self._fact(at),), answers)

    def _fact(self, at: datetime) -> SaleRefundedFact:
        shares = tuple(
            PaidShare(
                role=party.role,
                organization_id=party.organization_id,
                amount=Money(minor, self.amount.currency),
                held_for=party.copy_claim_id if party.is_held else None,
            )
            for party, minor, _, _ in self.givers
        )
        return SaleRefundedFact(
            occurred_at=at,
            settlement_id=self.settlement_id,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            refund_id=self.id,
            amount=self.amount,
            shares=shares,
        )

    def _answer(self, at: datetime) -> Message:
        return SaleRefunded(
            id=derived_id("msg", self.message_id, "reply"),
            correlation_id=self.saga_id,
            occurred_at=at,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            refund_id=self.id,
            settlement_id=self.settlement_id,
        )

    def _refusal(self, at: datetime) -> Message:
        return RefundRefused(
            id=derived_id("msg", self.message_id, "reply"),
            correlation_id=self.saga_id,
            occurred_at=at,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            refund_id=self.id,
            code=self.code,
            detail=self.detail,
        )


def held_of(parties: Sequence[Party], shares: Sequence[int], currency: str) -> dict[str, Money]:
    """The shares that are held for a copy claim, by whom they would go to."""
    return {
        party.organization_id: Money(share, currency)
        for party, share in zip(parties, shares, strict=True)
        if party.is_held and share
    }


def refund_before_settlement(
    sale: Sale, *, refund_id: str, amount: Money, message_id: str, saga_id: str
) -> Refund:
    """Give a buyer money back while the takings are still together."""
    return Refund(
        id=refund_id,
        gathering_id=sale.gathering_id,
        sale_id=sale.id,
        amount=amount,
        settlement_id=None,
        parties=(),
        shares=(),
        state=RefundState.PLANNED,
        message_id=message_id,
        saga_id=saga_id,
    )


def refund_refused(refund: Refund, *, code: str, detail: str) -> Refund:
    """Refuse it; nothing is booked."""
    return replace(refund, state=RefundState.REFUSED, code=code, detail=detail)
