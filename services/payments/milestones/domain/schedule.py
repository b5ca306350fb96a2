"""The milestones of one claim's subsidy, and what each step books. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain import Line, ShareContract, subsidy_lines
from services.payments.escrow.domain import Clawback, Escrow, Paid
from services.payments.ledger.domain import EntryRequest, Leg, fits, pending_of, plain
from services.payments.milestones.domain.milestone import (
    By,
    Milestone,
    Objection,
    Ruled,
    Side,
    State,
)
from services.payments.milestones.domain.refusals import MilestoneNotFound
from services.payments.milestones.events import (
    MilestoneClawedBack,
    MilestoneEnded,
    MilestoneObjected,
)
from services.payments.releases.domain import Source
from sharing.dividing import Heads
from sharing.explaining import Reason, why_milestone
from sharing.subsidies import in_milestones, outcome
from sharing.terms import BRAND, HOST, WHOLE, Ending, Judge, Milestones, Proof, Terms

_ENDED: Mapping[By, tuple[str, str]] = {
    By.SILENCE: ("proven, and nobody objected in time", "已证明，期限内无人异议"),
    By.UNPROVEN: ("nothing was proven in time", "期限内未能证明"),
    By.HEADS: ("objected to, the count of those checked in decides", "有异议，以签到人数为准"),
    By.PLATFORM: ("objected to, the platform ruled", "有异议，由平台裁定"),
    By.DEFAULT: ("objected to, nobody ruled in time", "有异议，逾期未裁定，按约定处理"),
    By.CANCELLED: ("the gathering was called off", "活动已取消"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the subsidy of one claim is released.

    It is *begun* when the gathering on the claim is opened: from then on it goes by ``terms``,
    those of the contract's version in force at that moment, whatever is agreed on later.
    ``heads`` are how many were checked in, once that is known.
    """

    claim_id: str
    gathering_id: str
    escrow: Escrow | None = None
    terms: Terms | None = None
    opened_at: datetime | None = None
    heads: int | None = None
    milestones: tuple[Milestone, ...] = ()
    revision: Revision = Revision()

    @property
    def id(self) -> str:
        """Its own, of which a claim has one."""
        return derived_id("msc", self.claim_id)

    @property
    def is_begun(self) -> bool:
        """Whether the subsidy is released by milestones, and not by the settlement."""
        return bool(self.milestones)

    @property
    def is_booked(self) -> bool:
        """Whether all of it is over and in the books."""
        return all(each.is_booked for each in self.milestones)

    @property
    def said(self) -> Milestones:
        """What the contract says of milestones."""
        assert self.terms is not None, "it is begun"  # noqa: S101 - never asked before it is
        assert self.terms.milestones is not None, "it is begun"  # noqa: S101 - the same
        return self.terms.milestones

    @property
    def held(self) -> Escrow:
        """The escrow that it releases."""
        assert self.escrow is not None, "it is begun"  # noqa: S101 - never asked before it is
        return self.escrow

    @property
    def host_id(self) -> str:
        """Whose the subsidy is as far as it is earned; every contract binds one host."""
        return self._bound(HOST)[0]

    @property
    def due_at(self) -> datetime | None:
        """When the next clock ends; None while none runs."""
        found = (self.due(each) for each in self.milestones)
        return min((moment for moment in found if moment is not None), default=None)

    def side_of(self, organization_id: str) -> Side | None:
        """On which side an organisation is; None for neither."""
        if organization_id in self._bound(HOST):
            return Side.HOST
        return Side.BRAND if organization_id in self._bound(BRAND) else None

    def milestone(self, name: str) -> Milestone:
        """Raise ``MilestoneNotFound`` rather than return None; ``name`` may be its id."""
        found = self.find(name)
        if found is None:
            raise MilestoneNotFound(f"no milestone {name}")
        return found

    def find(self, name: str) -> Milestone | None:
        """The milestone of this name or id, if there is one."""
        return next((each for each in self.milestones if name in {each.name, each.id}), None)

    def begin(self, contract: ShareContract, escrow: Escrow, *, at: datetime) -> Schedule:
        """Go by milestones from now on, if the contract in force at that moment states any.

        The gathering was opened then. Begun before, or with nothing left in escrow,
        it stays as it is.
        """
        terms = contract.at(at).terms
        if self.is_begun or terms.milestones is None or escrow.is_settled or not escrow.amount:
            return self
        given = in_milestones(terms, escrow.given)
        milestones = tuple(
            Milestone(derived_id("mst", self.claim_id, part.id), part.id, each)
            for part, each in zip(terms.milestones.parts, given, strict=True)
        )
        return replace(self, terms=terms, escrow=escrow, opened_at=at, milestones=milestones)

    def prove(self, proof: Proof, *, at: datetime, heads: int | None = None) -> Schedule:
        """A fact about the gathering is there; again changes nothing."""
        if not self.is_begun:
            return self
        wanted = {part.id for part in self.said.parts if part.proof is proof}
        counted = heads if self.heads is None else self.heads
        proven = self._each(lambda each: each.prove(at) if each.name in wanted else each)
        return replace(proven, heads=counted)

    def recount(self, heads: int) -> Schedule:
        """Fewer came than was said: what is released later goes by that."""
        return replace(self, heads=heads)

    def object(self, name: str, objection: Objection) -> Decision[Schedule]:
        """Let a side stop the other's clock; the neutral rule decides. Raises as a milestone."""
        before = self.milestone(name)
        after = before.object(objection, self.said.ruling.by)
        if after is before:
            return Decision(self)
        told = MilestoneObjected(
            **self._about(after),
            organization_id=objection.organization_id,
            occurred_at=objection.at,
        )
        return Decision(self._with(after), (told,))

    def answer(self, name: str, side: Side, why: str) -> Schedule:
        """Hear the other side. Raises as a milestone."""
        return self._with(self.milestone(name).answer(side, why))

    def rule(self, name: str, ending: Ending, why: str, *, at: datetime) -> Schedule:
        """Decide as the platform. Raises as a milestone."""
        ruled = Ruled(ending, By.PLATFORM, at, why)
        found = self.milestone(name).rule(ruled, self.said.ruling.by, self.heads)
        return self._with(found)

    def advance(self, *, now: datetime) -> Schedule:
        """Let the clocks and the count end what they end by now; else itself."""
        return self._each(lambda each: self._advanced(each, now)) if self.is_begun else self

    def cancel(self, *, at: datetime) -> Schedule:
        """The gathering was called off: all that is not released goes back."""
        ruled = Ruled(Ending.RETURN, By.CANCELLED, at)
        return self._each(lambda each: each.end(ruled, self.heads))

    def returned(self, milestone: Milestone) -> tuple[int, ...]:
        """What each offer gets back when a milestone that is over is booked.

        Once it is known how many came, that decides how much of it is earned; an advance that is
        released before is paid whole.
        """
        if milestone.state is State.RETURNED:
            return milestone.given
        if milestone.heads is None:
            return (0,) * len(milestone.given)
        return self._outcome(milestone.heads, milestone.given)

    def lines(self, milestone: Milestone) -> tuple[Line, ...]:
        """Every leg of a milestone that is over, with its reason; none is zero."""
        terms = self._terms_for(milestone)
        escrow, parts = self.held, zip(self.held.parts, milestone.given, strict=True)
        lines = subsidy_lines(
            terms,
            Heads(milestone.heads or 0),
            escrow=escrow.account,
            parts=[(part.fund, minor) for part, minor in parts],
            host=Line(pending_of(self.host_id), HOST, self.host_id, 0, Reason("", "")),
        )
        return tuple(replace(line, why=self._why(milestone, line.why)) for line in lines)

    def legs(self, milestone: Milestone) -> tuple[Leg, ...]:
        """The legs of a milestone that is over, quotas of what goes back included."""
        lines = (
            Leg(each.account, each.minor, self.held.currency) for each in self.lines(milestone)
        )
        return (*lines, *self.held.frees(self.returned(milestone)))

    def entry(self, milestone: Milestone) -> EntryRequest | None:
        """The entry that ends it in the books; None for a milestone without money."""
        lines, legs = self.lines(milestone), self.legs(milestone)
        if not lines:
            return None
        about = {
            "claim_id": self.claim_id,
            "milestone_id": milestone.id,
            "why": lines[0].why.told(),
        }
        freed = [lines[-1].why.told()] * (len(legs) - len(lines))
        whole = {**about, "legs": [*(line.why.told() for line in lines), *freed]}
        reason = whole if fits(whole) else about
        return plain(self.entry_id(milestone), legs, "milestone", reason, reference=self.claim_id)

    def entry_id(self, milestone: Milestone) -> str:
        """The one entry's that ends it."""
        return derived_id("ent", milestone.id, "end")

    def paid(self, milestone: Milestone) -> Paid:
        """What it paid the host."""
        return Paid(
            milestone.id,
            self.entry_id(milestone),
            self.legs(milestone),
            milestone.given,
            self.returned(milestone),
        )

    def earned(self, milestone: Milestone) -> Money:
        """What of it is the host's, once it is over."""
        minor = sum(milestone.given) - sum(self.returned(milestone))
        return Money(minor, self.held.currency)

    def amount(self, milestone: Milestone) -> Money:
        """What it is about, earned or not."""
        return Money(sum(milestone.given), self.held.currency)

    def due(self, milestone: Milestone) -> datetime | None:
        """When a clock ends it; None once it is over."""
        return milestone.due_at(self.said, self.opened_at) if self.opened_at else None

    def book(self, milestone: Milestone, *, at: datetime) -> Decision[Schedule]:
        """The books hold how it ended."""
        ended = MilestoneEnded(
            **self._about(milestone),
            by=milestone.ruled.by.value if milestone.ruled else "",
            released=self.earned(milestone),
            returned=Money(sum(self.returned(milestone)), self.held.currency),
            occurred_at=at,
        )
        return Decision(self._with(replace(milestone, is_booked=True)), (ended,))

    def source(self, milestone: Milestone) -> Source:
        """What brought the host the share that it paid."""
        return Source(milestone.id, self.host_id)

    def claw_back(self, milestone: Milestone, account: str) -> Schedule:
        """Take all of it again out of this account of the host's, or as her debt."""
        return self._with(replace(milestone, clawed_back=account))

    def clawback(self, milestone: Milestone, account: str) -> tuple[EntryRequest, ...]:
        """The chain that takes all that it paid back out of an account of hers."""
        paid = self.paid(milestone)
        rest = (minor - gone for minor, gone in zip(paid.given, paid.returned, strict=True))
        english, chinese = _ENDED[By.CANCELLED]
        reason = {
            "why": {"en": f"Subsidy clawed back: {english}", "zh": f"追回补贴：{chinese}"},
            "claim_id": self.claim_id,
            "milestone_id": milestone.id,
        }
        taken = Clawback(milestone.id, tuple(rest), account)
        return taken.entries(
            paid, self.held, self.host_id, account=account, name=milestone.id, reason=reason
        )

    def clawed_back(self, milestone: Milestone, *, at: datetime) -> Decision[Schedule]:
        """The books hold that what it paid is in its funds again."""
        fact = MilestoneClawedBack(
            **self._about(milestone), clawed_back=self.earned(milestone), occurred_at=at
        )
        return Decision(self, (fact,))

    def _advanced(self, each: Milestone, now: datetime) -> Milestone:
        """A milestone as the clocks and the count leave it."""
        ruling, due = self.said.ruling, self.due(each)
        if due is None:
            return each
        if each.state is State.OBJECTED and ruling.by is Judge.HEADS and self.heads is not None:
            return each.end(Ruled(self._by_heads(each), By.HEADS, now), self.heads)
        if now < due:
            return each
        # What is not proven is never released by a clock, whoever objected to what.
        otherwise = ruling.otherwise if each.proven_at else Ending.RETURN
        ending, by = {
            State.WAITING: (Ending.RETURN, By.UNPROVEN),
            State.PROVEN: (Ending.RELEASE, By.SILENCE),
        }.get(each.state, (otherwise, By.DEFAULT))
        return each.end(Ruled(ending, by, now), self.heads)

    def _by_heads(self, each: Milestone) -> Ending:
        earned = sum(each.given) - sum(self._outcome(self.heads or 0, each.given))
        return Ending.RELEASE if earned else Ending.RETURN

    def _outcome(self, heads: int, given: tuple[int, ...]) -> tuple[int, ...]:
        assert self.terms is not None, "it is begun"  # noqa: S101 - never asked before it is
        return outcome(self.terms, Heads(heads), given).returned

    def _terms_for(self, milestone: Milestone) -> Terms:
        """The terms, with the band that the end of this milestone makes of them."""
        points = WHOLE if milestone.state is State.RELEASED else 0
        if milestone.state is State.RELEASED and milestone.heads is not None and self.terms:
            return self.terms
        return Terms({"subsidy": {"bands": [{"heads": 0, "points": points}]}})

    def _why(self, milestone: Milestone, why: Reason) -> Reason:
        """A line's reason: which milestone, how it ended, and by how many who came."""
        part = next(each for each in self.said.parts if each.id == milestone.name)
        ended = _ENDED[milestone.ruled.by] if milestone.ruled else ("", "")
        is_counted = milestone.state is State.RELEASED and milestone.heads is not None
        return why_milestone(why, part, ended, is_counted=is_counted)

    def _about(self, milestone: Milestone) -> dict[str, Any]:
        return {
            "schedule_id": self.id,
            "claim_id": self.claim_id,
            "gathering_id": self.gathering_id,
            "host_id": self.host_id,
            "milestone_id": milestone.id,
            "milestone": milestone.name,
        }

    def _bound(self, role: str) -> tuple[str, ...]:
        return tuple(self.terms.parties.get(role, ())) if self.terms else ()

    def _with(self, milestone: Milestone) -> Schedule:
        return self._each(lambda each: milestone if each.id == milestone.id else each)

    def _each(self, change: Callable[[Milestone], Milestone]) -> Schedule:
        return replace(self, milestones=tuple(change(each) for each in self.milestones))
