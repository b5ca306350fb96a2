"""A buyer's dispute of a sale, from the first word of it to the ruling. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.disputes.events import DisputeEnded, DisputeOpened
from services.payments.ledger.domain import (
    PLATFORM_DEBT,
    PLATFORM_FEES,
    PROVIDER,
    EntryRequest,
    Leg,
    plain,
)
from services.payments.providers.domain import Chargeback, Stage
from services.payments.sales.domain import Sale
from services.payments.settlements.domain import Purpose, Refund, RefundState

MOST_PIECES = 50
_FINAL = frozenset({Stage.WON, Stage.LOST})
_RANK = {stage: rank for rank, stage in enumerate(Stage)}


class DisputeNotFound(NotFound):
    """No dispute has that identifier."""

    code = "dispute-not-found"
    hint = "Check the identifier; only who had a share of the sale can read its dispute."
    chinese = "没有这笔退单，请核对编号；只有该笔销售的分成各方可以查看。"


class EvidenceTooLate(RuleBroken):
    """The bank takes no evidence on this dispute any more."""

    code = "evidence-too-late"
    hint = "Hand evidence in while the dispute needs it and before the time it is due."
    chinese = "该笔退单已不再接受证据，请在截止时间之前提交。"


class TooMuchEvidence(RuleBroken):
    """As many pieces of evidence were handed in as there can be."""

    code = "too-much-evidence"
    hint = "Ask the operator to send on what there is."
    chinese = "证据份数已达上限，请联系平台提交现有证据。"


class NoEvidence(RuleBroken):
    """There is nothing to send to the bank."""

    code = "no-evidence"
    hint = "Hand in at least one piece of evidence first."
    chinese = "尚无证据可提交，请先提供至少一份证据。"


class DisputeState(StrEnum):
    """What the books have of it: nothing yet, a hold, or how it ended."""

    OPENED = "opened"
    HELD = "held"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a party says, with links to more and codes that guests were checked in with."""

    organization_id: str
    text: str
    links: tuple[str, ...]
    codes: tuple[str, ...]
    given_at: datetime

    def told(self) -> str:
        """As the bank reads it."""
        lines = [self.text, *self.links]
        if self.codes:
            lines.append("Codes: " + ", ".join(self.codes))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute; ``stage`` is the bank's, ``state`` that of the books.

    ``told`` is what the bank says is disputed, ``held`` how much of it is held of the sale:
    at most what was left of it. What is beyond it the platform loses, for no party pays twice.
    ``parties`` are the organisations that had a share, known once the gathering was settled.
    ``submitted_at`` is when the operator sent the evidence on.
    """

    id: str
    provider: str
    reference: str
    sale_id: str
    told: Money
    reason: str
    stage: Stage
    fee: Money
    opened_at: datetime
    held: Money
    evidence_due: datetime | None = None
    state: DisputeState = DisputeState.OPENED
    gathering_id: str = ""
    parties: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    revision: Revision = Revision()

    @classmethod
    def open(cls, provider: str, said: Chargeback, *, at: datetime) -> Dispute:
        """A dispute that is heard of for the first time."""
        return cls(
            id=dispute_id(provider, said),
            provider=provider,
            reference=said.reference,
            sale_id=said.sale_id,
            told=said.amount,
            reason=said.reason,
            stage=said.stage,
            fee=said.fee,
            opened_at=at,
            held=Money(0, said.amount.currency),
            evidence_due=said.evidence_due,
        )

    @property
    def is_ruled(self) -> bool:
        """Whether the bank has ruled, whatever the books have of it."""
        return self.stage in _FINAL

    @property
    def is_over(self) -> bool:
        """Whether the books have the end of it."""
        return self.state in {DisputeState.WON, DisputeState.LOST}

    @property
    def is_lost(self) -> bool:
        """Whether the bank ruled for the buyer."""
        return self.stage is Stage.LOST

    @property
    def chargeback_id(self) -> str:
        """What it takes of the sale."""
        return derived_id("rfd", self.id, Purpose.CHARGEBACK.value)

    @property
    def regulation_id(self) -> str:
        """What follows for the shares, or for the buyer, when it was won."""
        return derived_id("rfd", self.id, Purpose.REGULATION.value)

    def hear(self, said: Chargeback) -> Dispute:
        """Take in how it stands; what is not further than before changes nothing."""
        if self.is_ruled or _RANK[said.stage] < _RANK[self.stage]:
            return self
        due = said.evidence_due or self.evidence_due
        return replace(self, stage=said.stage, fee=said.fee, evidence_due=due)

    def involve(self, parties: Iterable[str]) -> Dispute:
        """Let those who had a share read it, and hand evidence in."""
        return replace(self, parties=tuple(sorted({*self.parties, *parties})))

    def hold(self, held: Money, gathering_id: str) -> Dispute:
        """So much of the sale is about to be held."""
        return replace(self, held=held, gathering_id=gathering_id)

    def held_at(self, at: datetime) -> Decision[Dispute]:
        """The books hold it."""
        fact = DisputeOpened(
            occurred_at=at,
            dispute_id=self.id,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            held=self.held,
            reason=self.reason,
            evidence_due=self.evidence_due,
        )
        return Decision(replace(self, state=DisputeState.HELD), (fact,))

    def end(self, *, at: datetime) -> Decision[Dispute]:
        """The books have the ruling."""
        state = DisputeState.LOST if self.is_lost else DisputeState.WON
        fact = DisputeEnded(
            occurred_at=at,
            dispute_id=self.id,
            gathering_id=self.gathering_id,
            sale_id=self.sale_id,
            held=self.held,
            outcome=state.value,
        )
        return Decision(replace(self, state=state, ended_at=at), (fact,))

    def hand_in(self, piece: Evidence) -> Dispute:
        """Keep a piece of evidence; raise ``EvidenceTooLate`` or ``TooMuchEvidence``.

        The same words of the same party again change nothing.
        """
        self._still_asked(piece.given_at)
        if any(replace(each, given_at=piece.given_at) == piece for each in self.evidence):
            return self
        if len(self.evidence) >= MOST_PIECES:
            raise TooMuchEvidence
        return replace(self, evidence=(*self.evidence, piece))

    def submit(self, *, at: datetime) -> Dispute:
        """Send the evidence on, once; raise ``EvidenceTooLate`` or ``NoEvidence``."""
        if self.submitted_at is not None:
            return self
        self._still_asked(at)
        if not self.evidence:
            raise NoEvidence
        return replace(self, submitted_at=at)

    def told_to_bank(self) -> str:
        """All the evidence as one text."""
        return "\n\n".join(piece.told() for piece in self.evidence)

    def _still_asked(self, at: datetime) -> None:
        late = self.evidence_due is not None and at > self.evidence_due
        if late or self.submitted_at or self.stage is not Stage.NEEDS_EVIDENCE:
            raise EvidenceTooLate

    def chargeback(self, sale: Sale) -> Refund:
        """What it takes of the sale, while the takings are still together."""
        return self._taking(self.chargeback_id, sale, self.held, Purpose.CHARGEBACK)

    def regulation(self, sale: Sale, amount: Money) -> Refund:
        """What follows for the shares once it was won."""
        return self._taking(self.regulation_id, sale, amount, Purpose.REGULATION)

    def return_to_buyer(self, sale: Sale) -> Refund:
        """What was held goes back to the buyer: the gathering was cancelled meanwhile."""
        return self._taking(self.regulation_id, sale, self.held, Purpose.REFUND)

    def _taking(self, refund_id: str, sale: Sale, amount: Money, purpose: Purpose) -> Refund:
        return Refund(
            id=refund_id,
            gathering_id=sale.gathering_id,
            sale_id=sale.id,
            amount=amount,
            settlement_id=None,
            parties=(),
            shares=(),
            state=RefundState.PLANNED,
            message_id="",
            saga_id="",
            purpose=purpose,
        )

    def cost_entries(self) -> list[EntryRequest]:
        """What the platform loses by it: out of its fees, or as its debt; one of them stands.

        That is the provider's fee, and where the dispute was lost, what the bank took beyond
        what was left of the sale. Empty for nothing.
        """
        beyond = self._beyond
        costs = [cost for cost in (self.fee, beyond) if cost.minor > 0]
        if not costs:
            return []
        reason = {
            "why": {
                "en": "Fee of a dispute, and what the bank took beyond the rest of the sale",
                "zh": "退单手续费及银行超出该笔销售余额扣划的部分",
            },
            "dispute_id": self.id,
            "sale_id": self.sale_id,
            "fee": self.fee.minor,
            "beyond": beyond.minor,
        }
        entry_id = derived_id("ent", self.id, "cost")
        return [
            plain(
                entry_id,
                [leg for cost in costs for leg in (Leg.of(payer, -cost), Leg.of(PROVIDER, cost))],
                "dispute-cost",
                reason,
                reference=self.sale_id,
            )
            for payer in (PLATFORM_FEES, PLATFORM_DEBT)
        ]

    @property
    def _beyond(self) -> Money:
        """What the bank took for good and nobody had of the sale any more."""
        if not self.is_lost:
            return Money(0, self.told.currency)
        if self.told.currency != self.held.currency:
            return self.told
        return self.told - self.held


def dispute_id(provider: str, said: Chargeback) -> str:
    """The one dispute that a provider's number names."""
    return derived_id("dsp", said.sale_id, provider, said.reference)
