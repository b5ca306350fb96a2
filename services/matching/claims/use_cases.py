"""What can be done with claims, and what that needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids, derived_id
from chassis.kernel.money import Money
from chassis.kernel.time import to_rfc3339
from services.matching.behaviour.domain import Deed
from services.matching.behaviour.use_cases import Deeds
from services.matching.claims.domain import (
    Channel,
    Claim,
    ClaimNotFound,
    KitNotFound,
    KitThemeYanked,
    Status,
    claim,
    claim_kit,
    must_be_host,
)
from services.matching.communities.domain import Community
from services.matching.communities.use_cases import Communities, own_community
from services.matching.holds.use_cases import HoldDesk, restore_holds, take_packs
from services.matching.offers.domain import OfferedLot
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.use_cases import OfferBook
from services.matching.supply.domain import Kit
from services.matching.supply.use_cases import Cartridges, Kits
from sharing.eligibility import Verdict, judge

# Longer than the claim's saga can take, so that a reservation outlives the decision.
RESERVED_FOR = timedelta(hours=1)
CLAIM, KIT_CLAIM = "claim", "kit-claim"
CLAIM_RETURN, KIT_RETURN = "claim-return", "kit-return"


class Claims(Protocol):
    """The claims, wherever they are kept."""

    def get(self, claim_id: str) -> Claim:
        """Raise ``ClaimNotFound`` rather than return None."""
        ...

    def get_all(self, claim_ids: Iterable[str]) -> dict[str, Claim]:
        """Those of them that exist, by id, in one read."""
        ...

    def save(self, decision: Decision[Claim]) -> Claim:
        """Store state and events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[Claim]]) -> None:
        """Store many, each once, or raise ``Conflict``."""
        ...


class Sagas(Protocol):
    """Long work over several services, kept in the same transaction."""

    def start(self, kind: str, saga_id: str, data: Mapping[str, Any]) -> object:
        """Begin one; ``data`` is in JSON's types. Raise ``Conflict`` when it exists."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestClaim:
    """Somebody's wish to take packs of a lot with the subsidy of an offer."""

    organization_id: str
    organization_kind: str
    lot_id: str
    offer_id: str
    community_id: str
    packs: int
    channel: Channel = Channel.GATHERING


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKit:
    """Somebody's wish to take a kit whole, with the subsidies of some offers."""

    organization_id: str
    organization_kind: str
    kit_id: str
    terms_digest: str
    community_id: str
    offer_ids: Sequence[str] = ()


class KitBook(NamedTuple):
    """Published kits and the cartridges they are planned with, as the catalog told of them."""

    kits: Kits
    cartridges: Cartridges

    def kit(self, kit_id: str) -> Kit:
        """Raise ``KitNotFound`` for one never heard of, or ``KitThemeYanked``.

        Of a cartridge that matching has not heard of the catalog says whether it was yanked.
        """
        found = self.kits.find(kit_id)
        if found is None:
            raise KitNotFound(f"no kit {kit_id}")
        theme = self.cartridges.find(found.cartridge_digest)
        if theme is not None and theme.is_yanked:
            raise KitThemeYanked(f"{theme.name} {theme.version} was yanked")
        return found


class Applicants(NamedTuple):
    """What is known of the hosts who ask: their communities, and what they did before."""

    communities: Communities
    deeds: Deeds

    def community(self, community_id: str, host_id: str) -> Community:
        """A community of this host; raises as ``own_community``."""
        return own_community(community_id, host_id, communities=self.communities)

    def settled(self, host_id: str) -> int:
        """How many gatherings of hers were settled."""
        return self.deeds.count(host_id, Deed.SETTLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskEligibility:
    """A host's question, before she claims, which conditions of an offer she meets."""

    organization_id: str
    offer_id: str
    community_id: str
    packs: int
    channel: Channel = Channel.GATHERING


class SagaEnd(NamedTuple):
    """How a claim's saga ended; no code means that all is set aside."""

    claim_id: str
    reservation_id: str = ""
    code: str = ""
    detail: str = ""


class Docket(NamedTuple):
    """What deciding claims works with: the claims, and the holds and lots they took from."""

    claims: Claims
    holds: HoldDesk
    book: OfferBook


def request_claim(
    command: RequestClaim,
    *,
    claims: Claims,
    book: OfferBook,
    applicants: Applicants,
    holds: HoldDesk,
    sagas: Sagas,
    ids: Ids,
    now: datetime,
) -> Claim:
    """Ask for packs and subsidy; catalog and payments then decide.

    Raises ``HeldForAnother`` for packs that are held for other hosts. What is held for this
    one on the lot is hers, and the hold ends.
    """
    must_be_host(command.organization_kind)
    lot, settled = book.lot(command.lot_id), applicants.settled(command.organization_id)
    decision = claim(
        ids("clm"),
        community=applicants.community(command.community_id, command.organization_id),
        lot=lot,
        offer=book.offer(command.offer_id),
        packs=command.packs,
        channel=command.channel,
        settled=settled,
        now=now,
    )
    _take_packs(decision.state, [lot], holds, settled=settled, now=now)
    return _started(CLAIM, claims.save(decision), sagas=sagas, now=now)


def explain_eligibility(
    question: AskEligibility, *, book: OfferBook, applicants: Applicants
) -> tuple[Verdict, ...]:
    """Which clauses of an offer a claim made now would meet; none means that all may claim."""
    community = applicants.community(question.community_id, question.organization_id)
    facts = community.portrait.claim_facts(
        packs=question.packs,
        channel=question.channel.value,
        settled=applicants.settled(question.organization_id),
    )
    return judge(book.offer(question.offer_id).eligibility, facts)


def request_kit(  # noqa: PLR0913 - a kit is of many parts, and so is what keeps them
    command: RequestKit,
    *,
    claims: Claims,
    kits: KitBook,
    book: OfferBook,
    applicants: Applicants,
    holds: HoldDesk,
    sagas: Sagas,
    ids: Ids,
    now: datetime,
) -> Claim:
    """Ask for a kit whole: one saga sets every pack and every subsidy aside, or nothing.

    Raises ``KitNotFound``, ``KitThemeYanked``, ``HeldForAnother`` and the rules of
    ``claim_kit``.
    """
    must_be_host(command.organization_kind)
    kit, settled = kits.kit(command.kit_id), applicants.settled(command.organization_id)
    lots = [book.lot(line.lot_id) for line in kit.lines]
    decision = claim_kit(
        ids("clm"),
        community=applicants.community(command.community_id, command.organization_id),
        kit=kit,
        terms_digest=command.terms_digest,
        lots=lots,
        offers=[book.offer(offer_id) for offer_id in command.offer_ids],
        settled=settled,
        now=now,
    )
    _take_packs(decision.state, lots, holds, settled=settled, now=now)
    return _started(KIT_CLAIM, claims.save(decision), sagas=sagas, now=now)


def decide_claims(
    ends: Sequence[SagaEnd],
    *,
    docket: Docket,
    now: datetime,
) -> None:
    """Confirm or reject claims whose sagas ended; those decided already stay as they are.

    What a rejected claim took of its host's soft holds comes back, as ``restore_holds`` says.
    """
    found = docket.claims.get_all(end.claim_id for end in ends)
    decisions = [
        _decided(found[end.claim_id], end, now)
        for end in ends
        if found[end.claim_id].status is Status.REQUESTED
    ]
    docket.claims.save_all(decisions)
    decided = [decision.state for decision in decisions]
    rejected = [each.id for each in decided if each.status is Status.REJECTED]
    if rejected:
        restore_holds(rejected, desk=docket.holds, book=docket.book, now=now)


def claim_of_party(
    claim_id: str, organization_id: str, *, is_platform: bool, claims: Claims
) -> Claim:
    """A claim for its host or its brands to see; raise ``ClaimNotFound`` to others."""
    found = claims.get(claim_id)
    if not is_platform and organization_id not in {found.host_id, *found.brand_ids}:
        raise ClaimNotFound(f"no claim {claim_id}")
    return found


def cancel_claim(
    claim_id: str, *, host_id: str, claims: Claims, sagas: Sagas, now: datetime
) -> Claim:
    """Give packs and subsidy back while no gathering stands on the claim."""
    found = claims.get(claim_id)
    if found.host_id != host_id:
        raise ClaimNotFound(f"no claim {claim_id}")
    return end_claim(found, "claim-cancelled", claims=claims, sagas=sagas, now=now)


def end_claim(found: Claim, reason: str, *, claims: Claims, sagas: Sagas, now: datetime) -> Claim:
    """End a claim on which no gathering stands; raise ``ClaimTaken`` when one does."""
    cancelled = claims.save(found.cancel(now=now))
    kind = KIT_RETURN if cancelled.kit else CLAIM_RETURN
    wanted = _whole(cancelled) | {"reason": reason}
    sagas.start(kind, derived_id("sag", cancelled.id, "return"), wanted)
    return cancelled


def _take_packs(
    asked: Claim, lots: Sequence[OfferedLot], holds: HoldDesk, *, settled: int, now: datetime
) -> None:
    packs: Counter[str] = Counter()
    for goods in asked.goods:
        packs[goods.lot_id] += goods.packs
    host = HostFacts(host_id=asked.host_id, has_record=settled > 0)
    take_packs(asked.id, host, packs, lots, desk=holds, now=now)


def _started(kind: str, requested: Claim, *, sagas: Sagas, now: datetime) -> Claim:
    wanted = _whole(requested) | {"expires_at": to_rfc3339(now + RESERVED_FOR)}
    sagas.start(kind, derived_id("sag", requested.id), wanted)
    return requested


def _decided(found: Claim, end: SagaEnd, now: datetime) -> Decision[Claim]:
    if end.code:
        return found.reject(end.code, end.detail, now=now)
    return found.confirm(end.reservation_id, now=now)


def _whole(found: Claim) -> dict[str, Any]:
    """What the saga's commands say about a claim, in JSON's types."""
    return {
        "claim_id": found.id,
        "host_id": found.host_id,
        "region": found.region,
        "channel": found.channel.value,
        "terms": dict(found.terms),
        "requested_at": to_rfc3339(found.requested_at),
        **(_of_kit(found, found.kit) if found.kit else _of_lot(found)),
    }


def _of_lot(found: Claim) -> dict[str, Any]:
    return {
        "lot_id": found.lot_id,
        "offer_id": found.offer_id,
        "brand_id": found.brand_id,
        "packs": found.packs,
        "amount": _plain(found.subsidy),
    }


def _of_kit(found: Claim, kit: Kit) -> dict[str, Any]:
    return {
        "kit_id": kit.id,
        "terms_digest": kit.terms_digest,
        "price": _plain(kit.price),
        "brand_shares": kit.brand_shares,
        "royalties": dict(kit.royalties),
        "subsidies": {each.offer_id: _plain(each.amount) for each in found.subsidies},
        "offer_id": "",
    }


def _plain(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}
