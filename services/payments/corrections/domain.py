"""A correction of how many came, and the clawback of what was paid beyond it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.corrections.events import OutcomeCorrected
from services.payments.ledger.domain import (
    EntryRequest,
    Leg,
    chain,
    pending_of,
    plain,
    reverse,
    transfer,
)
from services.payments.releases.domain import Source
from services.payments.settlements.domain import Settlement, SettlementState
from sharing.dividing import Heads


class SettlementNotBooked(Conflict):
    """The settlement is not in the books yet."""

    code = "settlement-not-booked"
    hint = "Wait until its state is completed, then correct it."
    chinese = "该结算尚未入账，请在其状态变为 completed 后再更正。"


class OutcomeNotLower(RuleBroken):
    """A correction takes back, so fewer must have come than counts now."""

    code = "outcome-not-lower"
    hint = "Give a number below checked_in of the answer; what was not earned is never paid here."
    chinese = "更正只能追回补贴，人数须低于返回中的 checked_in；不能由此补发。"


class CorrectionState(StrEnum):
    """Whether the books hold it yet."""

    PLANNED = "planned"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The platform's word that only so many came, and why, in both languages.

    ``returned`` is what each offer gets back of the subsidy by it, in the order of the claim's
    parts, beyond what it got by the settlement and earlier corrections. ``account`` says where
    the host's money lies, or that she owes it; it is empty when nothing comes back.
    """

    id: str
    settlement_id: str
    gathering_id: str
    claim_id: str
    host_id: str
    checked_in: int
    why_en: str
    why_zh: str
    currency: str
    returned: tuple[int, ...]
    decided_at: datetime
    account: str = ""
    state: CorrectionState = CorrectionState.PLANNED
    revision: Revision = Revision()

    @property
    def clawed_back(self) -> Money:
        """What the host gives back by it."""
        return Money(sum(self.returned), self.currency)

    @property
    def source(self) -> Source:
        """What brought the share that she gives of."""
        return Source(self.settlement_id, self.host_id)

    def entries(self, settlement: Settlement, account: str) -> tuple[EntryRequest, ...]:
        """The chain that brings it back, all of it or nothing, out of one of her accounts.

        Her money is put where the settlement paid it; the very legs of the settlement that
        paid the subsidy are reversed; and what is in escrow again goes back to its funds with
        the quotas it had taken. The books let no leg be taken back beyond what it moved.
        """
        pending, amount, reason = pending_of(self.host_id), self.clawed_back, self._reason
        moved = transfer(
            self._entry_id("source"),
            account,
            pending,
            amount,
            "clawback",
            reason,
            reference=self.settlement_id,
        )
        taken = reverse(
            self._entry_id("clawback"),
            settlement.entry_id,
            "clawback",
            reason,
            legs=settlement.subsidy_back(amount),
            reference=self.settlement_id,
        )
        escrow = settlement.escrow
        legs = [
            Leg.of(escrow.account, -amount),
            *(
                Leg(part.fund, minor, self.currency)
                for part, minor in zip(escrow.parts, self.returned, strict=True)
                if minor
            ),
            *escrow.frees(self.returned),
        ]
        back = plain(
            self._entry_id("return"),
            legs,
            "subsidy-returned",
            reason,
            reference=self.settlement_id,
        )
        return chain(taken, back) if account == pending else chain(moved, taken, back)

    def complete(self, *, at: datetime) -> Decision[Correction]:
        """Close it: the books hold it, or it moves nothing."""
        fact = OutcomeCorrected(
            occurred_at=at,
            correction_id=self.id,
            settlement_id=self.settlement_id,
            gathering_id=self.gathering_id,
            claim_id=self.claim_id,
            host_id=self.host_id,
            checked_in=self.checked_in,
            clawed_back=self.clawed_back,
        )
        return Decision(replace(self, state=CorrectionState.BOOKED), (fact,))

    def _entry_id(self, part: str) -> str:
        return derived_id("ent", self.id, part)

    @property
    def _reason(self) -> dict[str, object]:
        return {
            "why": {
                "en": f"Subsidy clawed back, {self.checked_in} checked in: {self.why_en}",
                "zh": f"追回补贴，更正为签到 {self.checked_in} 人：{self.why_zh}",
            },
            "correction_id": self.id,
            "settlement_id": self.settlement_id,
            "claim_id": self.claim_id,
        }


def correction_id(settlement_id: str, checked_in: int) -> str:
    """The one correction of a settlement to this number."""
    return derived_id("cor", settlement_id, str(checked_in))


def correct(
    settlement: Settlement,
    earlier: Sequence[Correction],
    *,
    checked_in: int,
    why_en: str,
    why_zh: str,
    at: datetime,
) -> Correction:
    """Decide that only so many came, after those decided ``earlier`` of the same settlement.

    Raises ``SettlementNotBooked``, and ``OutcomeNotLower`` for as many as count now or more.
    """
    if settlement.state is not SettlementState.COMPLETED:
        raise SettlementNotBooked(f"{settlement.id} is {settlement.state}")
    counted = min((each.checked_in for each in earlier), default=settlement.checked_in)
    if checked_in >= counted:
        raise OutcomeNotLower(f"{counted} count now", checked_in=counted)
    before, after = (
        settlement.subsidy_outcome(Heads(came, settlement.min_checked_in)).returned
        for came in (counted, checked_in)
    )
    return Correction(
        id=correction_id(settlement.id, checked_in),
        settlement_id=settlement.id,
        gathering_id=settlement.gathering_id,
        claim_id=settlement.claim_id,
        host_id=settlement.host.organization_id,
        checked_in=checked_in,
        why_en=why_en,
        why_zh=why_zh,
        currency=settlement.takings.currency,
        returned=tuple(now - was for was, now in zip(before, after, strict=True)),
        decided_at=at,
    )
