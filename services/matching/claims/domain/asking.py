"""Asking for packs of a lot, or for a kit whole: what must hold before anything is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.matching.claims.domain.claim import (
    Channel,
    Claim,
    Goods,
    Subsidy,
    kit_facts,
    kit_stakes,
    lot_facts,
)
from services.matching.claims.domain.refusals import (
    ChannelNotAllowed,
    CommunityTooSmall,
    HostCapReached,
    HostsOnly,
    KitClosed,
    LotClosed,
    NotEligible,
    OfferNotOfKit,
    OfferNotOpen,
    OfferOfAnotherBrand,
    OtherTermsAgreed,
    RegionNotAllowed,
)
from services.matching.claims.events import ClaimRequested, KitClaimRequested
from services.matching.communities.domain import Community, tidy
from services.matching.offers.domain import OfferedLot, Restrictions, SubsidyOffer
from services.matching.supply.domain import Kit
from sharing.eligibility import ClaimFacts, judge

HOST = "host"


def must_be_host(kind: str) -> None:
    """Raise ``HostsOnly`` for any other kind of organisation."""
    if kind != HOST:
        raise HostsOnly(f"you act for an organisation of the kind {kind or 'none'}", kind=kind)


def claim(
    claim_id: str,
    *,
    community: Community,
    lot: OfferedLot,
    offer: SubsidyOffer,
    packs: int,
    channel: Channel = Channel.GATHERING,
    settled: int = 0,
    now: datetime,
) -> Decision[Claim]:
    """Ask for packs and subsidy on the offer's present terms, or raise the rule against it.

    ``settled`` are the gatherings of the host that were settled so far.
    """
    _must_be_open(lot, now)
    if offer.brand_id != lot.brand_id:
        raise OfferOfAnotherBrand(f"the lot's brand is {lot.brand_id}", brand_id=lot.brand_id)
    _must_take_claims(offer, now)
    _must_be_for(community, lot, channel)
    _must_be_within_cap(community.host_id, lot, packs)
    facts = community.portrait.claim_facts(packs=packs, channel=channel.value, settled=settled)
    must_be_eligible(offer, facts)
    state = Claim(
        id=claim_id,
        goods=(Goods(lot_id=lot.id, brand_id=lot.brand_id, packs=packs),),
        subsidies=(_subsidy(offer, lot.best_before, now),),
        currency=offer.subsidy.currency,
        host_id=community.host_id,
        community_id=community.id,
        min_checked_in=offer.min_checked_in,
        terms=offer.terms,
        requested_at=now,
        region=tidy(community.portrait.city),
        channel=channel,
        facts=facts,
    )
    requested = ClaimRequested(
        **lot_facts(state, now),
        community_id=community.id,
        packs=packs,
        subsidy=state.subsidy,
    )
    return Decision(state, (requested,))


def claim_kit(
    claim_id: str,
    *,
    community: Community,
    kit: Kit,
    terms_digest: str,
    lots: Sequence[OfferedLot],
    offers: Sequence[SubsidyOffer] = (),
    settled: int = 0,
    now: datetime,
) -> Decision[Claim]:
    """Ask for a kit whole on the terms its brands signed, or raise the rule against it.

    ``lots`` are those of its lines. Each brand may add the subsidy of one ``offer``; all of
    them are earned by as many guests as the most demanding asks for.
    """
    if kit.closed is not None:
        raise KitClosed(f"closed: {kit.closed}")
    if terms_digest != kit.terms_digest:
        raise OtherTermsAgreed(f"the kit is {kit.terms_digest}", digest=kit.terms_digest)
    packs: Counter[str] = Counter()
    for line in kit.lines:
        packs[line.lot_id] += line.packs
    for lot in lots:
        _must_be_open(lot, now)
        _must_be_for(community, lot, Channel.GATHERING)
        _must_be_within_cap(community.host_id, lot, packs[lot.id])
    _must_be_of_kit(offers, kit)
    for offer in offers:
        _must_take_claims(offer, now)
    facts = community.portrait.claim_facts(
        packs=sum(line.packs for line in kit.lines), settled=settled
    )
    for offer in offers:
        must_be_eligible(offer, facts)
    state = Claim(
        id=claim_id,
        goods=tuple(
            Goods(lot_id=line.lot_id, brand_id=line.brand_id, packs=line.packs)
            for line in kit.lines
        ),
        subsidies=tuple(_subsidy(offer, None, now) for offer in offers),
        currency=kit.price.currency,
        host_id=community.host_id,
        community_id=community.id,
        min_checked_in=max((offer.min_checked_in for offer in offers), default=0),
        terms=kit.terms_by_role,
        requested_at=now,
        kit=kit,
        region=tidy(community.portrait.city),
        facts=facts,
    )
    requested = KitClaimRequested(
        **kit_facts(state, now),
        **kit_stakes(state),
        community_id=community.id,
        price=kit.price,
        terms_digest=kit.terms_digest,
    )
    return Decision(state, (requested,))


def must_be_eligible(offer: SubsidyOffer, facts: ClaimFacts) -> None:
    """Raise ``NotEligible`` with every clause that the facts do not meet, in its own words."""
    unmet = [verdict.clause for verdict in judge(offer.eligibility, facts) if not verdict.passes]
    if unmet:
        raise NotEligible(
            " ".join(clause.en for clause in unmet),
            offer_id=offer.id,
            clauses=[{"name": one.name, "en": one.en, "zh": one.zh} for one in unmet],
        )


def _must_be_open(lot: OfferedLot, now: datetime) -> None:
    if lot.closed is not None or now >= lot.ends_at:
        raise LotClosed(f"{lot.id}: {lot.closed or f'ended at {lot.ends_at.isoformat()}'}")


def _must_take_claims(offer: SubsidyOffer, now: datetime) -> None:
    if offer.closed is not None or not offer.opens_at <= now < offer.closes_at:
        raise OfferNotOpen(
            offer.closed
            or f"open from {offer.opens_at.isoformat()} to {offer.closes_at.isoformat()}"
        )


def _must_be_for(community: Community, lot: OfferedLot, channel: Channel) -> None:
    """Raise the rule that keeps the goods from these people; catalog has the last word."""
    people, needed = community.portrait.size, lot.min_community_size
    if people < needed:
        raise CommunityTooSmall(f"{people} people, {needed} needed", needed=needed)
    _must_be_allowed(tidy(community.portrait.city), channel, lot.restrictions)


def _must_be_within_cap(host_id: str, lot: OfferedLot, packs: int) -> None:
    """Raise ``HostCapReached`` for what catalog would refuse by all that it told of the lot."""
    held, allowed = lot.packs_by_host().get(host_id, 0), lot.max_packs_per_host
    if held + packs > allowed:
        raise HostCapReached(
            f"{packs} asked, {held} held, {allowed} allowed", left=max(0, allowed - held)
        )


def _must_be_allowed(region: str, channel: Channel, restrictions: Restrictions) -> None:
    if not restrictions.allow_region(region):
        allowed = restrictions.regions
        raise RegionNotAllowed(
            f"{region} asked, {', '.join(allowed)} allowed", regions=list(allowed)
        )
    if not restrictions.allow_channel(channel):
        allowed = restrictions.channels
        raise ChannelNotAllowed(
            f"{channel} asked, {', '.join(allowed)} allowed", channels=list(allowed)
        )


def _must_be_of_kit(offers: Sequence[SubsidyOffer], kit: Kit) -> None:
    brands = [offer.brand_id for offer in offers]
    if len(set(brands)) < len(brands) or set(brands) - set(kit.brand_ids):
        raise OfferNotOfKit("a brand twice, or one without goods in the kit")
    if any(offer.subsidy.currency != kit.price.currency for offer in offers):
        raise OfferNotOfKit(f"the kit's price is in {kit.price.currency}")


def _subsidy(offer: SubsidyOffer, best_before: datetime | None, now: datetime) -> Subsidy:
    amount, urgency = offer.worth(best_before, now)
    return Subsidy(
        offer_id=offer.id,
        amount=Money(amount, offer.subsidy.currency),
        base=offer.subsidy,
        urgency_basis_points=urgency,
        met=offer.eligibility,
    )
