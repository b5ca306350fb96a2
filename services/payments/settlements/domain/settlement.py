"""One gathering's settlement: who gets what of takings, subsidy and naming fee, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money, Split, split
from services.payments.contracts.domain import PLATFORM_ACCOUNT, Party, pending_of
from services.payments.escrow.domain import Escrow
from services.payments.ledger.domain import EntryRequest, Leg, plain
from services.payments.naming.domain import Earning
from services.payments.sales.domain import Sale
from services.payments.settlements.domain.refund import Refund, RefundState, held_of
from services.payments.settlements.events import (
    GatheringSettled,
    PaidShare,
    SettlementCompleted,
)

NOUNS = {
    "brand": ("brand", "品牌"),
    "host": ("host", "主理人"),
    "venue": ("venue", "场地"),
    "co_host": ("co-host", "联合主理人"),
    "platform": ("platform", "平台"),
    "author": ("cartridge author", "主题作者"),
}


class SettlementNotFound(NotFound):
    """No settlement has that identifier."""

    code = "settlement-not-found"
    hint = "Check the identifier; only those who had a share can read a settlement."
    chinese = "没有这笔结算，请核对编号；只有分成各方可以查看。"


class SettlementState(StrEnum):
    """Whether the books hold it yet."""

    PLANNED = "planned"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Line:
    """One leg of a settlement and its reason, in both languages."""

    account: str
    role: str
    organization_id: str
    minor: int
    why_en: str
    why_zh: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was decided for one gathering; ``shares`` and ``carries`` follow ``parties``.

    ``carries`` says what each party is still owed, in 1/sum(weights) of a minor unit;
    refunds go on from there.
    """

    id: str
    gathering_id: str
    contract_id: str
    escrow: Escrow
    parties: tuple[Party, ...]
    shares: tuple[int, ...]
    carries: tuple[int, ...]
    takings: Money
    checked_in: int
    min_checked_in: int
    message_id: str
    saga_id: str
    earning: Earning | None = None
    state: SettlementState = SettlementState.PLANNED
    revision: Revision = Revision()

    @property
    def claim_id(self) -> str:
        """The claim that led to the gathering."""
        return self.escrow.id

    @property
    def host(self) -> Party:
        """The one who ran it."""
        return next(party for party in self.parties if party.role == "host")

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
        """The whole subsidy when enough guests were there, otherwise nothing."""
        enough = self.checked_in >= self.min_checked_in
        return self.escrow.amount if enough else Money(0, self.takings.currency)

    def lines(self) -> tuple[Line, ...]:
        """Every leg with its reason; none is zero and together they are."""
        found = (*self._takings_lines(), *self._subsidy_lines(), *self._naming_lines())
        return tuple(line for line in found if line.minor)

    def brought(self) -> dict[str, Money]:
        """What each organisation waits for after it: all its lines together."""
        sums: dict[str, int] = {}
        for line in self.lines():
            if line.account == pending_of(line.organization_id):
                sums[line.organization_id] = sums.get(line.organization_id, 0) + line.minor
        return {who: Money(minor, self.takings.currency) for who, minor in sums.items()}

    def entry(self) -> EntryRequest | None:
        """The one entry that pays everybody; None when there is nothing to pay."""
        lines = self.lines()
        if not lines:
            return None
        legs = [Leg(line.account, line.minor, self.takings.currency) for line in lines]
        reason = {
            "settlement_id": self.id,
            "contract_id": self.contract_id,
            "why": {"en": "Settlement of a gathering", "zh": "活动结算"},
            "legs": [{"en": line.why_en, "zh": line.why_zh} for line in lines],
        }
        entry_id = derived_id("ent", self.id, "settle")
        return plain(entry_id, legs, "settlement", reason, reference=self.gathering_id)

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

    def refund(
        self, *, refund_id: str, sale_id: str, amount: Money, message_id: str, saga_id: str
    ) -> tuple[Settlement, Refund]:
        """Take a refund back from every share, to the fen; the carries decide who gives first."""
        weights = [party.weight for party in self.parties]
        shares, carries = split(-amount.minor, weights, self.carries)
        refund = Refund(
            id=refund_id,
            gathering_id=self.gathering_id,
            sale_id=sale_id,
            amount=amount,
            settlement_id=self.id,
            parties=self.parties,
            shares=shares,
            state=RefundState.PLANNED,
            message_id=message_id,
            saga_id=saga_id,
        )
        return replace(self, carries=carries), refund

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

    def _takings_lines(self) -> tuple[Line, ...]:
        whole = sum(party.weight for party in self.parties)
        takings = f"gathering:{self.gathering_id}:takings"
        spent = Line(takings, "", "", -self.takings.minor, "Takings shared out", "分配活动收入")
        shares = (
            _share_line(party, share, whole, self.takings)
            for party, share in zip(self.parties, self.shares, strict=True)
        )
        return (spent, *shares)

    def _subsidy_lines(self) -> tuple[Line, ...]:
        amount, host = self.escrow.amount.minor, self.host
        english = f"{self.checked_in} checked in, {self.min_checked_in} were asked for"
        chinese = f"签到 {self.checked_in} 人，要求 {self.min_checked_in} 人"
        spent = Line(
            self.escrow.account,
            "",
            "",
            -amount,
            f"Subsidy decided: {english}",
            f"补贴结算：{chinese}",
        )
        if self.subsidy_paid:
            paid = Line(
                host.account,
                "host",
                host.organization_id,
                amount,
                f"Subsidy earned: {english}",
                f"获得补贴：{chinese}",
            )
            return (spent, paid)
        returned = (
            Line(
                part.fund,
                "",
                "",
                part.amount.minor,
                f"Subsidy returned: {english}",
                f"补贴退回：{chinese}",
            )
            for part in self.escrow.parts
        )
        return (spent, *returned)

    def _naming_lines(self) -> tuple[Line, ...]:
        if self.earning is None:
            return ()
        earning, host = self.earning, self.host
        english = f"Naming rights, gathering number {earning.number}"
        chinese = f"冠名权，第 {earning.number} 场"
        account = f"naming:{earning.naming_rights_id}:deferred"
        return (
            Line(account, "", "", -earning.amount.minor, english, chinese),
            Line(
                host.account,
                "host",
                host.organization_id,
                earning.host_share.minor,
                english,
                chinese,
            ),
            Line(
                PLATFORM_ACCOUNT,
                "platform",
                "platform",
                earning.platform_share.minor,
                english,
                chinese,
            ),
        )


def split_sales(sales: Sequence[Sale], parties: Sequence[Party]) -> Split:
    """Share out what was not refunded of each sale; what rounding leaves is carried on."""
    weights = [party.weight for party in parties]
    totals, carries = [0] * len(parties), (0,) * len(parties)
    for sale in sales:
        shares, carries = split(sale.rest.minor, weights, carries)
        totals = [total + share for total, share in zip(totals, shares, strict=True)]
    return Split(tuple(totals), carries)


def _share_line(party: Party, share: int, whole: int, takings: Money) -> Line:
    english, chinese = NOUNS[party.role]
    exact = Fraction(takings.minor * party.weight, whole)
    percent = f"{float(Fraction(100 * party.weight, whole)):g} %"
    odd = float(share - exact)
    rounded = f", rounded by {odd:+.4g} fen" if odd else ""
    rounded_zh = f"，取整 {odd:+.4g} 分" if odd else ""
    return Line(
        party.account,
        party.role,
        party.organization_id,
        share,
        f"Share of the {english}: {percent} of {takings.minor} fen{rounded}{_claimed(party)[0]}",
        f"{chinese}份额：{takings.minor} 分的 {percent}{rounded_zh}{_claimed(party)[1]}",
    )


def _claimed(party: Party) -> tuple[str, str]:
    """What a copy claim has to do with a share."""
    claim = party.copy_claim_id
    if party.is_held:
        return f", held until copy claim {claim} is ruled on", f"，暂存至抄袭申诉 {claim} 裁定"
    return (
        (f", by the ruling on copy claim {claim}", f"，依抄袭申诉 {claim} 的裁定")
        if claim
        else ("", "")
    )
