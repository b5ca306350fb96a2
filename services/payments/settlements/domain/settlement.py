"""One gathering's settlement: who gets what of takings, subsidy and naming fee, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import Line, Party, subsidy_lines
from services.payments.escrow.domain import Escrow, Paid
from services.payments.ledger.domain import PLATFORM_FEES, EntryRequest, Leg, pending_of, plain
from services.payments.naming.domain import Earning, Unearned
from services.payments.settlements.domain.reasons import told
from services.payments.settlements.domain.refund import Purpose, Refund, RefundState, held_of
from services.payments.settlements.events import (
    GatheringSettled,
    PaidShare,
    SettlementCompleted,
)
from sharing.dividing import Heads, Share, after_refunds, divide
from sharing.explaining import Reason, why_refund, why_share, why_unmet
from sharing.subsidies import Outcome, outcome
from sharing.terms import HOST, Terms

QUOTA_FREED = Reason(
    "Subsidy returned: it counts no more against the offer's caps",
    "补贴退回：不再计入该方案的上限",
    ("subsidy",),
)

_WHAT = {
    Purpose.REFUND: ("Refund", "退款"),
    Purpose.CHARGEBACK: ("Dispute", "退单"),
    Purpose.REGULATION: ("Dispute won", "退单胜诉"),
}


class SettlementNotFound(NotFound):
    """No settlement has that identifier."""

    code = "settlement-not-found"
    hint = "Check the identifier; only those it concerns can read a settlement."
    chinese = "没有这笔结算，请核对编号；只有相关各方可以查看。"


class SettlementState(StrEnum):
    """Whether the books hold it yet."""

    PLANNED = "planned"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was decided for one gathering; ``shares`` follow ``parties``.

    ``terms`` are those of the contract's version in force when it was decided; refunds go by
    them for ever, whatever is agreed on later. ``unearned`` says why it earned no naming fee
    though a package was named.
    """

    id: str
    gathering_id: str
    contract_id: str
    escrow: Escrow
    terms: Terms
    parties: tuple[Party, ...]
    shares: tuple[int, ...]
    takings: Money
    checked_in: int
    min_checked_in: int
    message_id: str
    saga_id: str
    contract_version: int = 1
    earning: Earning | None = None
    unearned: Unearned | None = None
    state: SettlementState = SettlementState.PLANNED
    revision: Revision = Revision()

    @property
    def claim_id(self) -> str:
        """The claim that led to the gathering."""
        return self.escrow.id

    @property
    def entry_id(self) -> str:
        """The one entry that pays everybody."""
        return derived_id("ent", self.id, "settle")

    @property
    def heads(self) -> Heads:
        """How many were there, and how many were asked for."""
        return Heads(self.checked_in, self.min_checked_in)

    @property
    def divided(self) -> list[Share]:
        """The shares as they were settled, each with the steps that it is from."""
        seats = [party.seat for party in self.parties]
        exact = divide(self.terms, seats, [self.takings.minor], self.heads)
        return [
            replace(share, minor=minor) for share, minor in zip(exact, self.shares, strict=True)
        ]

    @property
    def host(self) -> Party:
        """The one who ran it; every contract has one."""
        return next(party for party in self.parties if party.role == HOST)

    @property
    def copy_claim_id(self) -> str | None:
        """The copy claim for which its royalties are held, if there is one."""
        return next((party.copy_claim_id for party in self.parties if party.is_held), None)

    @property
    def held_shares(self) -> dict[str, Money]:
        """The royalties that are held, by whom they would go to."""
        return held_of(self.parties, self.shares, self.takings.currency)

    @property
    def subsidy_paid(self) -> Money:
        """What so many guests have earned of the subsidy."""
        earned = self.subsidy_outcome(self.heads).earned
        return Money(earned, self.takings.currency)

    def subsidy_outcome(self, heads: Heads) -> Outcome:
        """What would be the host's of the subsidy for so many, and what each offer's again."""
        return outcome(self.terms, heads, self.escrow.given)

    def lines(self) -> tuple[Line, ...]:
        """Every leg with its reason; none is zero and together they are."""
        found = (*self.takings_lines, *self.subsidy_lines, *self.naming_lines)
        return tuple(line for line in found if line.minor)

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What brought nobody anything though somebody had written it down, and why."""
        unmet = why_unmet(self.terms, self.takings.minor, self.heads)
        if self.unearned is None:
            return unmet
        english, chinese = self.unearned.told
        naming = Reason(
            f"No naming fee was earned: {english}", f"未获得冠名费：{chinese}", ("naming",)
        )
        return (naming, *unmet)

    def brought(self) -> dict[str, Money]:
        """What each organisation waits for after it: all its lines together."""
        sums: dict[str, int] = {}
        for line in self.lines():
            if line.account == pending_of(line.organization_id):
                sums[line.organization_id] = sums.get(line.organization_id, 0) + line.minor
        return {who: Money(minor, self.takings.currency) for who, minor in sums.items()}

    def entry(self) -> EntryRequest | None:
        """The one entry that pays everybody; None when there is nothing to pay."""
        lines, legs = self.lines(), self.legs
        if not lines:
            return None
        about: dict[str, Any] = {
            "settlement_id": self.id,
            "contract_id": self.contract_id,
            "contract_version": self.contract_version,
            "why": {"en": "Settlement of a gathering", "zh": "活动结算"},
        }
        if self.notes:
            about["notes"] = [note.told() for note in self.notes]
        freed = len(legs) - len(lines)
        reason = told(about, [*(line.why for line in lines), *[QUOTA_FREED] * freed])
        return plain(self.entry_id, legs, "settlement", reason, reference=self.gathering_id)

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The legs of its entry: the lines, and the quotas that what goes back gives back."""
        lines = (Leg(line.account, line.minor, self.takings.currency) for line in self.lines())
        return (*lines, *self.escrow.frees(self.subsidy_outcome(self.heads).returned))

    @property
    def paid(self) -> Paid:
        """What its entry paid the host of the subsidy."""
        returned = self.subsidy_outcome(self.heads).returned
        return Paid(self.id, self.entry_id, self.legs, self.escrow.given, returned)

    def complete(self, *, at: datetime) -> Decision[Settlement]:
        """Close it: the books hold every share."""
        fact = SettlementCompleted(
            occurred_at=at,
            settlement_id=self.id,
            gathering_id=self.gathering_id,
            claim_id=self.claim_id,
            total=self.takings,
            shares=self.paid_shares(self.shares),
            subsidy_paid=self.subsidy_paid,
            naming_earned=self._naming_earned,
        )
        answer = GatheringSettled(
            id=derived_id("msg", self.message_id, "reply"),
            correlation_id=self.saga_id,
            occurred_at=at,
            gathering_id=self.gathering_id,
            settlement_id=self.id,
        )
        return Decision(replace(self, state=SettlementState.COMPLETED), (fact,), (answer,))

    def refund(self, refund: Refund, earlier: Sequence[Refund]) -> Refund:
        """Take a refund back from those who must give, to the fen.

        All refunds of the settlement together decide what everybody has afterwards, so that it
        does not matter in which parts the money went back. What disputes hold counts as gone,
        and what was held before the settlement and came after it as settled with the rest.
        """
        stand = [each for each in earlier if each.state is not RefundState.VOIDED]
        before = self.divided
        for each in stand:
            before = [
                replace(share, minor=share.minor + given)
                for share, given in zip(before, each.shares, strict=True)
            ]
        moved = [each.amount.minor for each in (*stand, refund)]
        gone, came = sum(max(0, minor) for minor in moved), -sum(min(0, minor) for minor in moved)
        after = after_refunds(self.terms, self._divided_with(came), gone, self.heads)
        what = _WHAT[refund.purpose]
        left = self.takings.minor + came - gone
        unmet = why_unmet(self.terms, left, self.heads)
        return replace(
            refund,
            settlement_id=self.id,
            parties=self.parties,
            shares=tuple(now.minor - was.minor for was, now in zip(before, after, strict=True)),
            reasons=tuple(
                why_refund(was, now, self.terms.refunding, unmet, what)
                for was, now in zip(before, after, strict=True)
            ),
        )

    def _divided_with(self, more: int) -> list[Share]:
        """The shares if so many minor units more had been there to settle."""
        if not more:
            return self.divided
        seats = [party.seat for party in self.parties]
        return divide(self.terms, seats, [self.takings.minor + more], self.heads)

    def paid_shares(self, shares: Sequence[int]) -> tuple[PaidShare, ...]:
        """Shares of the takings by party, as events tell them."""
        return tuple(
            PaidShare(
                role=party.role,
                organization_id=party.organization_id,
                amount=Money(share, self.takings.currency),
                held_for=party.copy_claim_id if party.is_held else None,
            )
            for party, share in zip(self.parties, shares, strict=True)
        )

    @property
    def _naming_earned(self) -> Money:
        return self.earning.amount if self.earning else Money(0, self.takings.currency)

    @property
    def takings_lines(self) -> tuple[Line, ...]:
        """How what was sold is shared out; some may be zero."""
        takings = f"gathering:{self.gathering_id}:takings"
        why = Reason("Takings shared out", "分配活动收入")
        shares = (
            _of(party, share.minor, _why(party, share))
            for party, share in zip(self.parties, self.divided, strict=True)
        )
        return (Line(takings, "", "", -self.takings.minor, why), *shares)

    @property
    def subsidy_lines(self) -> tuple[Line, ...]:
        """Where the subsidy goes: to the host, or back to the funds it is from."""
        return subsidy_lines(
            self.terms,
            self.heads,
            escrow=self.escrow.account,
            parts=[(part.fund, part.amount.minor) for part in self.escrow.parts],
            host=_of(self.host, 0, Reason("", "")),
        )

    @property
    def naming_lines(self) -> tuple[Line, ...]:
        """How what was earned of naming rights is shared; none without them."""
        if self.earning is None:
            return ()
        earning = self.earning
        why = Reason(
            f"Naming rights, gathering number {earning.number}",
            f"冠名权，第 {earning.number} 场",
            ("naming",),
        )
        account = f"naming:{earning.naming_rights_id}:deferred"
        platform = Line(PLATFORM_FEES, "platform", "platform", earning.platform_share.minor, why)
        return (
            Line(account, "", "", -earning.amount.minor, why),
            _of(self.host, earning.host_share.minor, why),
            platform,
        )


def _of(party: Party, minor: int, why: Reason) -> Line:
    return Line(party.account, party.role, party.organization_id, minor, why)


def _why(party: Party, share: Share) -> Reason:
    """Why it has what it has, and what a copy claim has to do with it."""
    why, claim = why_share(share), party.copy_claim_id
    if party.is_held:
        return replace(
            why,
            en=f"{why.en}, held until copy claim {claim} is ruled on",
            zh=f"{why.zh}，暂存至抄袭申诉 {claim} 裁定",
        )
    if claim:
        return replace(
            why,
            en=f"{why.en}, by the ruling on copy claim {claim}",
            zh=f"{why.zh}，依抄袭申诉 {claim} 的裁定",
        )
    return why
