"""What becomes of a gathering that is planned: shown, held, approved, disputed, settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from chassis.kernel.ids import Ids, derived_id
from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.use_cases import Behaviour
from services.matching.claims.domain import Status as ClaimStatus
from services.matching.claims.use_cases import Claims, Sagas, end_claim
from services.matching.gatherings.domain import (
    PLATFORM,
    Actor,
    Evidence,
    Gathering,
    Status,
)
from services.matching.gatherings.use_cases.ports import (
    CANCELLATION,
    KIT_CANCELLATION,
    SETTLEMENT,
    Gatherings,
    of_party,
    whole,
)

GOODS_KEPT = "goods-kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEvidence:
    """Something a host or co-host wants to show."""

    gathering_id: str
    organization_id: str
    kind: str
    text: str | None
    digest: str | None
    answers: str | None = None


class Payout(NamedTuple):
    """That a gathering was settled."""

    gathering_id: str
    settlement_id: str


def add_evidence(
    command: AddEvidence, *, gatherings: Gatherings, ids: Ids, now: datetime
) -> Gathering:
    """Show something of the gathering."""
    by = Actor(command.organization_id)
    found = of_party(command.gathering_id, by, gatherings=gatherings)
    piece = Evidence(
        id=ids("evd"),
        kind=command.kind,
        text=command.text,
        digest=command.digest,
        added_by=command.organization_id,
        added_at=now,
        answers=command.answers,
    )
    return gatherings.save(found.add_evidence(piece))


def hold_gathering(
    gathering_id: str, *, by: Actor, gatherings: Gatherings, behaviour: Behaviour, now: datetime
) -> Gathering:
    """Say that it took place, and remember it of its hosts."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    held = gatherings.save(found.hold(by=by.organization_id, now=now))
    behaviour.append(
        record(
            Deed.HELD,
            host_id,
            gathering_id=held.id,
            origin=held.id,
            at=now,
            amount=held.checked_in,
        )
        for host_id in held.hosts
    )
    return held


def approve_gathering(
    gathering_id: str,
    *,
    by: Actor,
    gatherings: Gatherings,
    behaviour: Behaviour,
    sagas: Sagas,
    now: datetime,
) -> Gathering:
    """A brand, or the platform after a dispute, lets it be paid out.

    Of several brands the last does; approving again before that changes nothing.
    """
    found = of_party(gathering_id, by, gatherings=gatherings)
    decision = found.approve(by=by, now=now)
    if decision.state == found:
        return found
    approved = gatherings.save(decision)
    if not by.is_platform:
        brand_id = by.organization_id
        answered = record(Deed.ANSWERED, brand_id, gathering_id=found.id, origin=found.id, at=now)
        behaviour.append([answered])
    if approved.status is Status.APPROVED:
        sagas.start(SETTLEMENT, derived_id("sag", found.id, SETTLEMENT), _shared(approved))
    return approved


def approve_in_silence(
    gathering_id: str, *, gatherings: Gatherings, sagas: Sagas, now: datetime
) -> None:
    """The brand's time is over; do nothing when somebody decided meanwhile."""
    found = gatherings.get(gathering_id)
    if not found.is_consented(now):
        return
    approved = gatherings.save(found.approve_by_silence(now=now))
    sagas.start(SETTLEMENT, derived_id("sag", found.id, SETTLEMENT), _shared(approved))


def review_overdue(gathering_id: str, *, gatherings: Gatherings, now: datetime) -> None:
    """Have the platform rule on it; do nothing when somebody spoke meanwhile."""
    found = gatherings.get(gathering_id)
    if found.is_overdue(now):
        gatherings.save(found.review(now=now))


def dispute_gathering(
    gathering_id: str,
    why: str,
    *,
    by: Actor,
    gatherings: Gatherings,
    behaviour: Behaviour,
    now: datetime,
) -> Gathering:
    """The brand objects; the platform will rule."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    disputed = gatherings.save(found.dispute(why, by=by.organization_id, now=now))
    about = disputed.host_id
    behaviour.append(
        [record(Deed.DISPUTED, about, gathering_id=found.id, origin=found.id, at=now)]
    )
    return disputed


def cancel_gathering(
    gathering_id: str,
    why: str,
    *,
    by: Actor,
    gatherings: Gatherings,
    claims: Claims,
    behaviour: Behaviour,
    sagas: Sagas,
    now: datetime,
) -> Gathering:
    """Call it off: its claim ends too, and slot, packs and money go back."""
    found = of_party(gathering_id, by, gatherings=gatherings)
    cancelled = gatherings.save(found.cancel(why, by=by, now=now))
    claims.save(claims.get(found.claim_id).end_unheld(now=now))
    if not by.is_platform:
        host_id = by.organization_id
        called_off = record(
            Deed.CALLED_OFF, host_id, gathering_id=found.id, origin=found.id, at=now
        )
        behaviour.append([called_off])
    _take_all_back(cancelled, sagas)
    return cancelled


def end_without_goods(
    claim_ids: Collection[str],
    *,
    gatherings: Gatherings,
    claims: Claims,
    sagas: Sagas,
    now: datetime,
) -> None:
    """Their brand keeps the goods of these claims: they end, and what is still ahead on them.

    Slot, other packs and money go back. Claims that have ended, and gatherings that have begun
    or let anybody in, stay as they are and are for the review; so the same again changes
    nothing.
    """
    for found in claims.get_all(claim_ids).values():
        if found.status is not ClaimStatus.CONFIRMED:
            continue
        if found.gathering_id is None:
            end_claim(found, GOODS_KEPT, claims=claims, sagas=sagas, now=now)
            continue
        gathering = gatherings.get(found.gathering_id)
        if gathering.is_ahead(now):
            by = Actor(PLATFORM, is_platform=True)
            cancelled = gatherings.save(gathering.cancel(GOODS_KEPT, by=by, now=now))
            claims.save(found.end_unheld(now=now))
            _take_all_back(cancelled, sagas)


def settle_gatherings(
    payouts: Sequence[Payout],
    *,
    gatherings: Gatherings,
    claims: Claims,
    behaviour: Behaviour,
    now: datetime,
) -> None:
    """Payments has paid every share: gatherings and their claims are done."""
    found = gatherings.get_all(payout.gathering_id for payout in payouts)
    settled = [
        found[payout.gathering_id].settle(payout.settlement_id, now=now) for payout in payouts
    ]
    gatherings.save_all(settled)
    done = claims.get_all(gathering.claim_id for gathering in found.values())
    claims.save_all([claim.settle(now=now) for claim in done.values()])
    behaviour.append(
        record(
            Deed.SETTLED, gathering.host_id, gathering_id=gathering.id, origin=gathering.id, at=now
        )
        for gathering in found.values()
    )


def _take_all_back(cancelled: Gathering, sagas: Sagas) -> None:
    kind = KIT_CANCELLATION if cancelled.kit_id else CANCELLATION
    sagas.start(kind, derived_id("sag", cancelled.id, CANCELLATION), whole(cancelled))


def _shared(gathering: Gathering) -> dict[str, Any]:
    """What settling says about a gathering, in JSON's types."""
    return {
        "gathering_id": gathering.id,
        "claim_id": gathering.claim_id,
        "offer_id": gathering.offer_id,
        "parties": {role: list(who) for role, who in gathering.parties.items()},
        "royalties": dict(gathering.cartridge.royalties),
        "cartridge_digest": gathering.cartridge.digest,
        "checked_in": gathering.checked_in,
        "min_checked_in": gathering.min_checked_in,
        "naming_rights_id": gathering.naming_rights_id,
    }
