"""A correction of how many came, and the clawback of what was paid beyond it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.corrections.events import OutcomeCorrected
from services.payments.escrow.domain import Clawback, Escrow, Paid
from services.payments.ledger.domain import EntryRequest
from services.payments.releases.domain import Source
from services.payments.settlements.domain import Settlement, SettlementState
from sharing.dividing import Heads
from sharing.subsidies import outcome
from sharing.terms import Terms


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


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What of a claim's subsidy was paid, by which entries, and on which terms."""

    escrow: Escrow
    terms: Terms
    wanted: int
    paid: tuple[Paid, ...]

    def beyond(self, paid: Paid, checked_in: int, *, counted: int | None) -> tuple[int, ...]:
        """What each part paid beyond the right band of so many, after ``counted`` counted.

        What was paid before anybody could be counted was paid whole, and counts from now on.
        """
        before = paid.returned if counted is None else self._returned(paid, counted)
        return tuple(
            now - was for was, now in zip(before, self._returned(paid, checked_in), strict=True)
        )

    def _returned(self, paid: Paid, came: int) -> tuple[int, ...]:
        return outcome(self.terms, Heads(came, self.wanted), paid.given).returned


class CorrectionState(StrEnum):
    """Whether the books hold it yet."""

    PLANNED = "planned"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The platform's word that only so many came, and why, in both languages.

    ``takes`` are what it takes back of each entry that paid the host of the subsidy, beyond what
    earlier corrections did; none when nothing comes back.
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
    takes: tuple[Clawback, ...]
    decided_at: datetime
    state: CorrectionState = CorrectionState.PLANNED
    revision: Revision = Revision()

    @property
    def clawed_back(self) -> Money:
        """What the host gives back by it."""
        return Money(sum(take.minor for take in self.takes), self.currency)

    @property
    def parts(self) -> dict[Source, int]:
        """What is given back of each share of the host's, in minor units."""
        return {Source(take.origin_id, self.host_id): take.minor for take in self.takes}

    def found_at(self, accounts: Mapping[str, str]) -> Correction:
        """The same, with the account that each share is taken from, by share."""
        takes = (
            replace(take, account=accounts[Source(take.origin_id, self.host_id).share_id])
            for take in self.takes
        )
        return replace(self, takes=tuple(takes))

    def entries(
        self, take: Clawback, paid: Paid, escrow: Escrow, account: str
    ) -> tuple[EntryRequest, ...]:
        """The chain that takes one of them back out of an account of hers."""
        return take.entries(
            paid, escrow, self.host_id, account=account, name=self.id, reason=self._reason
        )

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
    subsidy: Subsidy,
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
    takes = (
        Clawback(
            each.origin_id,
            subsidy.beyond(each, checked_in, counted=counted if earlier else None),
            account="",
        )
        for each in subsidy.paid
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
        takes=tuple(take for take in takes if take.minor),
        decided_at=at,
    )
