"""Working a clearing out, stage by stage; each is harmless twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from chassis.kernel.money import Money
from services.matching.clearings.domain import (
    DEMAND_DAYS,
    PACKS,
    Assignment,
    Candidate,
    Certificate,
    Clearing,
    Gathered,
    Result,
    Stage,
    demand_of,
    digest,
    evidence_of,
    figures_of,
    least_score,
    market_of,
)
from services.matching.clearings.engine import clear as engine
from services.matching.clearings.engine.market import Market
from services.matching.clearings.use_cases.ports import Bench, Clearings, SolverFailed
from services.matching.holds.domain import Why
from services.matching.holds.use_cases import PlaceHold, place_holds
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import Demand

HELD_AT_ONCE = 100
NOTED_AT_ONCE = 500


def begin_clearing(*, clearings: Clearings, now: datetime) -> Clearing | None:
    """Take up the first clearing that waits or was left by a process that died; or None."""
    waiting = clearings.waiting()
    return clearings.save(waiting.begin(now=now)) if waiting else None


def work_out(clearing: Clearing, *, bench: Bench, now: datetime) -> Result:
    """Gather, solve and certify; store the assignments of this attempt, and settle nothing yet.

    Raises ``SolverFailed``, also for a market that is none and for a choice that nothing
    proves: both would be the same again.
    """
    tell = partial(bench.clearings.tell, clearing.id)
    tell(Stage.GATHERING, 0, 0)
    gathered = bench.gather(clearing.order, now, partial(tell, Stage.GATHERING))
    try:
        market, solved = _solve(clearing, gathered, bench)
    except ValueError as refused:
        raise SolverFailed(str(refused)) from refused
    certificate, found = _certificate(market, solved), demand_of(market, solved, gathered.lot_of)
    result = Result(
        certificate=certificate,
        # The same market gives the same figures, whichever clearing looks at it.
        figures=figures_of(
            market,
            solved.chosen,
            seed=certificate.market_digest,
            hosts_full=gathered.hosts_full,
        ),
        attempt=clearing.attempts,
        evidence=evidence_of(
            gathered.model,
            bench.ended(clearing.order.valuation, gathered.model, now),
            counted=gathered.counted,
            found=found,
        ),
    )
    bench.assignments.put(_assignments(clearing, gathered, solved))
    bench.assignments.put_demand(clearing.id, clearing.attempts, found)
    return result


def settle_clearing(
    clearing: Clearing, result: Result, *, clearings: Clearings, now: datetime
) -> Clearing:
    """Make this attempt's result the clearing's own; raise ``Conflict`` when another began."""
    return clearings.save(clearing.settle(result, now=now))


def fail_clearing(
    clearing: Clearing, why: str, *, clearings: Clearings, now: datetime
) -> Clearing:
    """Say that nothing comes of it, and why."""
    return clearings.save(clearing.fail(why, now=now))


def hold_some(clearing: Clearing, result: Result, *, bench: Bench, now: datetime) -> int:
    """Hold the next assignments, as far as they can be; answer how many were left to try."""
    proposed = bench.assignments.proposed(clearing.id, result.attempt, limit=HELD_AT_ONCE)
    wishes = [_wish(each) for each in proposed]
    placed = place_holds(wishes, desk=bench.desk, book=bench.book, now=now) if wishes else []
    bench.assignments.decide(
        [
            each.decided(done.refusal, done.until)
            for each, done in zip(proposed, placed, strict=True)
        ]
    )
    return len(proposed)


def note_demand(
    clearing: Clearing, points: Mapping[str, int], *, done: int, total: int, bench: Bench
) -> bool:
    """Have lists of offers count what was found of these lots, if it has not ended yet.

    It takes the place of what was found of them before; of lots that were not in its market
    this clearing knows nothing, and they keep theirs. ``done`` of ``total`` lots are noted then.
    """
    last_day = day(clearing.asked_at) + DEMAND_DAYS
    if not bench.clearings.tell(clearing.id, clearing.stage, done, total):
        return False
    bench.demands.put(
        {
            lot_id: _demand(clearing, worth, last_day) if worth else None
            for lot_id, worth in points.items()
        }
    )
    return True


def end_clearing(clearing: Clearing, result: Result, *, bench: Bench, now: datetime) -> Clearing:
    """All was tried: say how much is held."""
    held = bench.assignments.held(clearing.id, result.attempt)
    return bench.clearings.save(clearing.end(held, now=now))


def _demand(clearing: Clearing, points: int, last_day: int) -> Demand:
    evidence = clearing.result.evidence if clearing.result else None
    if evidence is None or clearing.reserve is None:
        return Demand(points=points, last_day=last_day)
    least = least_score(points, clearing.reserve)
    return Demand(points=points, last_day=last_day, least=least, model=evidence.model)


def _solve(clearing: Clearing, gathered: Gathered, bench: Bench) -> tuple[Market, engine.Clearing]:
    """Choose, and prove the choice; raise ``ValueError`` where that cannot be."""
    tell, policy = partial(bench.clearings.tell, clearing.id), clearing.order.policy
    tell(Stage.SOLVING, 0, 0)
    market = market_of(gathered)
    solved = bench.solve(market, policy)
    tell(Stage.CERTIFYING, 0, 0)
    solved.verify(market, policy)
    return market, solved


def _certificate(market: Market, solved: engine.Clearing) -> Certificate:
    return Certificate(
        value=solved.value,
        objective=solved.objective,
        bound=solved.bound,
        gap=solved.gap,
        solver=solved.solver,
        seconds=solved.seconds,
        market_digest=digest(market),
    )


def _assignment(
    clearing: Clearing, candidate: Candidate, *, has_record: bool, why: Why
) -> Assignment:
    return Assignment(
        clearing_id=clearing.id,
        attempt=clearing.attempts,
        host_id=candidate.host_id,
        has_record=has_record,
        lot_id=candidate.lot_id,
        title=candidate.title,
        brand_id=candidate.brand_id,
        offer_id=candidate.offer_id,
        subsidy=Money(candidate.subsidy, candidate.currency),
        why=why,
    )


def _wish(assignment: Assignment) -> PlaceHold:
    return PlaceHold(
        id=assignment.hold_id,
        host_id=assignment.host_id,
        has_record=assignment.has_record,
        lot_id=assignment.lot_id,
        offer_id=assignment.offer_id,
        packs=PACKS,
        subsidy=assignment.subsidy,
        clearing_id=assignment.clearing_id,
        why=assignment.why,
    )


def _assignments(
    clearing: Clearing, gathered: Gathered, solved: engine.Clearing
) -> list[Assignment]:
    price_of = dict(zip(sorted(gathered.packs), solved.lot_price.tolist(), strict=True))
    found = []
    for edge, reason in zip(solved.chosen.tolist(), solved.reasons, strict=True):
        candidate = gathered.candidates[edge]
        why = Why(
            value=candidate.value,
            price=price_of[candidate.shelf],
            others=reason.others,
            bound_by=reason.bound_by.value,
            host_wants=candidate.host_wants,
            brand_accepts=candidate.brand_accepts,
        )
        has_record = gathered.askers[candidate.host_id].has_record
        found.append(_assignment(clearing, candidate, has_record=has_record, why=why))
    return found
