"""What facts, clocks, both sides and the platform do about milestones, and how they are booked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision, NotYet
from services.payments.contracts.use_cases import Contracts
from services.payments.escrow.domain import Escrow, EscrowState
from services.payments.escrow.use_cases import Escrows, book_clawback
from services.payments.ledger.domain import debt_of
from services.payments.ledger.use_cases import Ledger
from services.payments.milestones.domain import (
    Milestone,
    MilestonesNotFound,
    Objection,
    Schedule,
    State,
)
from services.payments.naming.use_cases import Intentions
from services.payments.releases.domain import terms_at
from services.payments.releases.use_cases import PendingShares, keep_waiting, take_back
from sharing.terms import Ending, Proof

END, CLAW_BACK = "milestone", "milestone-clawback"


class Schedules(Protocol):
    """The schedules of milestones, wherever they are kept."""

    def find(self, claim_id: str) -> Schedule | None:
        """The schedule of a claim, if its gathering was heard of."""
        ...

    def get(self, claim_id: str) -> Schedule:
        """One that is begun; raise ``MilestonesNotFound`` rather than return None."""
        ...

    def of(self, gathering_id: str) -> Schedule | None:
        """The schedule of a gathering's claim, if that was heard of."""
        ...

    def holding(self, milestone_id: str) -> Schedule:
        """The schedule with this milestone; raise ``MilestonesNotFound``."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Claims of which a clock has ended, those first that ended first."""
        ...

    def save(self, decision: Decision[Schedule]) -> Schedule:
        """Store the state and its events together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True)
class Ladder:
    """What milestones are decided and booked with."""

    schedules: Schedules
    escrows: Escrows
    contracts: Contracts
    shares: PendingShares
    intentions: Intentions
    ledger: Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak:
    """A side's word on a milestone: its objection, or its answer to the other's."""

    claim_id: str
    organization_id: str
    milestone: str
    why: str


class Planned(NamedTuple):
    """A milestone of a schedule, as it is to be booked."""

    schedule: Schedule
    milestone: Milestone


def without_milestones(escrow: Escrow, *, schedules: Schedules) -> Escrow:
    """An escrow as a settlement sees it: empty where milestones release what is in it."""
    found = schedules.find(escrow.id)
    if found is None or not found.is_begun:
        return escrow
    return replace(escrow, parts=(), state=EscrowState.ESCROWED)


def plan_schedule(claim_id: str, gathering_id: str, *, ladder: Ladder) -> None:
    """Know which gathering stands on a claim; of one that was begun nothing changes."""
    known = ladder.schedules.find(claim_id)
    if known is None:
        ladder.schedules.save(Decision(Schedule(claim_id=claim_id, gathering_id=gathering_id)))
    elif not known.is_begun and known.gathering_id != gathering_id:
        ladder.schedules.save(Decision(replace(known, gathering_id=gathering_id)))


def begin_schedule(gathering_id: str, *, at: datetime, ladder: Ladder) -> None:
    """Release by milestones if the claim's contract says so; the gathering was opened then."""
    known = ladder.schedules.of(gathering_id)
    if known is None:
        return
    escrow = ladder.escrows.find([known.claim_id]).get(known.claim_id)
    if escrow is None or escrow.is_settled:
        return
    begun = known.begin(ladder.contracts.get(escrow.contract_id), escrow, at=at)
    _save(begun.prove(Proof.OPENED, at=at), known, ladder)


def prove_milestones(
    gathering_id: str, proof: Proof, *, at: datetime, heads: int | None, ladder: Ladder
) -> None:
    """Take in a fact that may prove something, and let the count that it brings decide at once.

    Clocks that had ended before it count first. Again, or of a gathering unknown, does nothing.
    """
    known = ladder.schedules.of(gathering_id)
    if known is not None:
        proven = known.advance(now=at).prove(proof, at=at, heads=heads)
        _save(proven.advance(now=at), known, ladder)


def cancel_milestones(gathering_id: str, *, at: datetime, ladder: Ladder) -> None:
    """The gathering was called off: what waits goes back, and what was paid is taken back."""
    known = ladder.schedules.of(gathering_id)
    if known is None:
        return
    for each in known.milestones:
        if each.state is State.RELEASED and known.earned(each):
            ladder.intentions.record(CLAW_BACK, each.id)
    _save(known.cancel(at=at), known, ladder)


def advance_milestones(claim_id: str, *, now: datetime, ladder: Ladder) -> bool:
    """Let the clocks end what they end by now; answer whether anything did."""
    known = ladder.schedules.get(claim_id)
    return _save(known.advance(now=now), known, ladder)


def object_to_milestone(command: Speak, *, ladder: Ladder, now: datetime) -> Schedule:
    """Let a side stop the clock that works for the other; the neutral rule then decides.

    Clocks that have ended count first. Raises ``MilestonesNotFound``, ``MilestoneNotFound`` or
    ``NothingToObjectTo``.
    """
    known = seen(command.claim_id, command.organization_id, ladder=ladder).advance(now=now)
    side = known.side_of(command.organization_id)
    assert side is not None, "seen by a side"  # noqa: S101 - ``seen`` tells others there is none
    objection = Objection(side, command.organization_id, command.why, now)
    decision = known.object(command.milestone, objection)
    return _saved(decision, ladder, now)


def answer_objection(command: Speak, *, ladder: Ladder, now: datetime) -> Schedule:
    """Hear the other side. Raises as ``object_to_milestone``, and as a milestone does."""
    known = seen(command.claim_id, command.organization_id, ladder=ladder).advance(now=now)
    side = known.side_of(command.organization_id)
    assert side is not None, "seen by a side"  # noqa: S101 - ``seen`` tells others there is none
    return _saved(Decision(known.answer(command.milestone, side, command.why)), ladder, now)


def rule_on_milestone(
    claim_id: str, milestone: str, ending: Ending, why: str, *, ladder: Ladder, now: datetime
) -> Schedule:
    """Decide as the platform, once both sides are heard. Raises as a milestone does."""
    known = ladder.schedules.get(claim_id).advance(now=now)
    return _saved(Decision(known.rule(milestone, ending, why, at=now)), ladder, now)


def seen(claim_id: str, organization_id: str, *, ladder: Ladder) -> Schedule:
    """The milestones of a claim, for one of its sides; others are told there are none."""
    found = ladder.schedules.get(claim_id)
    if found.side_of(organization_id) is None:
        raise MilestonesNotFound(f"no milestones of {claim_id}")
    return found


def plan_end(milestone_id: str, *, ladder: Ladder) -> Planned:
    """A milestone that is over; raise ``NotYet`` until the subsidy is in escrow."""
    schedule = ladder.schedules.holding(milestone_id)
    escrow = ladder.escrows.find([schedule.claim_id]).get(schedule.claim_id)
    if escrow is None or escrow.state is EscrowState.HELD:
        raise NotYet(f"the subsidy of {schedule.claim_id} is not in escrow yet")
    return Planned(schedule, schedule.milestone(milestone_id))


def book_end(planned: Planned, *, ladder: Ladder) -> None:
    """Book how it ended; booking it again changes nothing."""
    entry = planned.schedule.entry(planned.milestone)
    if entry is not None:
        ladder.ledger.submit([entry])[0].or_raise()


def record_end(planned: Planned, *, ladder: Ladder, now: datetime) -> None:
    """Tell everybody, and let the host wait for her part as for any share."""
    schedule = ladder.schedules.holding(planned.milestone.id)
    milestone = schedule.milestone(planned.milestone.id)
    if milestone.is_booked:
        return
    saved = ladder.schedules.save(schedule.book(milestone, at=now))
    earned = saved.earned(milestone)
    if earned:
        contract = ladder.contracts.get(saved.held.contract_id)
        keep_waiting(
            milestone.id,
            {saved.host_id: earned},
            terms=terms_at(contract.versions[0].drafted_at),
            shares=ladder.shares,
            now=now,
        )
    if saved.is_booked:
        escrow = ladder.escrows.find([saved.claim_id])[saved.claim_id]
        ladder.escrows.save(escrow.become(EscrowState.PAID))


def plan_clawback(milestone_id: str, *, ladder: Ladder) -> Planned:
    """Decide once where the money of a called-off gathering's milestone is taken from.

    Raises ``NotYet`` until what it paid is booked.
    """
    schedule = ladder.schedules.holding(milestone_id)
    milestone = schedule.milestone(milestone_id)
    if not milestone.is_booked:
        raise NotYet(f"{milestone_id} is being booked")
    if milestone.clawed_back:
        return Planned(schedule, milestone)
    parts = {schedule.source(milestone): schedule.earned(milestone).minor}
    (account,) = take_back(parts, shares=ladder.shares).values()
    saved = ladder.schedules.save(Decision(schedule.claw_back(milestone, account)))
    return Planned(saved, saved.milestone(milestone_id))


def book_taking(planned: Planned, *, ladder: Ladder) -> None:
    """Take it back; what the host lacks becomes her debt. Again changes nothing."""
    schedule, milestone = planned
    book_clawback(
        lambda account: schedule.clawback(milestone, account),
        (milestone.clawed_back, debt_of(schedule.host_id)),
        ledger=ladder.ledger,
    )


def record_taking(planned: Planned, *, ladder: Ladder, now: datetime) -> None:
    """Tell everybody that it is back."""
    schedule = ladder.schedules.holding(planned.milestone.id)
    ladder.schedules.save(schedule.clawed_back(planned.milestone, at=now))


def _saved(decision: Decision[Schedule], ladder: Ladder, now: datetime) -> Schedule:
    """Store what was said, and what the count then decides at once."""
    known = ladder.schedules.get(decision.state.claim_id)
    after = decision.state.advance(now=now)
    if after == known:
        return known
    _intend(after, known, ladder)
    return ladder.schedules.save(decision._replace(state=after))


def _save(after: Schedule, known: Schedule, ladder: Ladder) -> bool:
    if after == known:
        return False
    _intend(after, known, ladder)
    ladder.schedules.save(Decision(after))
    return True


def _intend(after: Schedule, known: Schedule, ladder: Ladder) -> None:
    """Intend to book every milestone that is over now and was not before."""
    over = {each.id for each in known.milestones if each.is_over}
    for each in after.milestones:
        if each.is_over and each.id not in over:
            ladder.intentions.record(END, each.id)
