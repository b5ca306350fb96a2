"""A claim: a host takes packs of a lot, and the subsidy that comes with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken
from chassis.kernel.money import Money
from services.matching.claims.events import (
    ClaimCancelled,
    ClaimConfirmed,
    ClaimRejected,
    ClaimRequested,
    ClaimSettled,
)
from services.matching.communities.domain import Community, tidy
from services.matching.offers.domain import OfferedLot, Restrictions, SubsidyOffer

HOST = "host"
TIMED_OUT = "timed-out"


class ClaimNotFound(NotFound):
    """No claim of yours has that identifier."""

    code = "claim-not-found"
    hint = "List your claims and take the identifier from there."
    chinese = "您的组织没有这个编号的认领。"


class HostsOnly(Forbidden):
    """Only an organisation of the kind host may claim."""

    code = "hosts-only"
    hint = "Subsidy is for the small business that gathers people: act for a host organisation."
    chinese = "补贴只给予组织活动的小商家，请以主理人身份认领。"


class LotClosed(RuleBroken):
    """The lot takes no more claims."""

    code = "lot-closed"
    hint = "Choose another lot from the host's list of offers."
    chinese = "该批次已停止认领。"


class OfferNotOpen(RuleBroken):
    """The subsidy offer takes no claims now."""

    code = "offer-not-open"
    hint = "Choose an offer that is open now."
    chinese = "该补贴方案当前未开放。"


class OfferOfAnotherBrand(RuleBroken):
    """The subsidy offer is not of the brand that owns the lot."""

    code = "offer-of-another-brand"
    hint = "Name an offer of the lot's own brand."
    chinese = "补贴方案与货品不属于同一品牌。"


class CommunityTooSmall(RuleBroken):
    """The community has fewer people than the lot asks for."""

    code = "community-too-small"
    hint = "Claim for a larger community, or choose another lot."
    chinese = "社群人数少于该批次的要求。"


class RegionNotAllowed(RuleBroken):
    """The brand does not let the lot's goods go to the community's region."""

    code = "region-not-allowed"
    hint = "Claim for a community in one of the lot's regions, or choose another lot."
    chinese = "品牌不允许该批次进入该社群所在地区。"


class ChannelNotAllowed(RuleBroken):
    """The brand does not let the lot's goods go through that channel."""

    code = "channel-not-allowed"
    hint = "Claim for one of the lot's channels, or choose another lot."
    chinese = "品牌不允许该批次通过此渠道流通。"


class ClaimNotConfirmed(RuleBroken):
    """The claim is not confirmed."""

    code = "claim-not-confirmed"
    hint = "Wait until the claim is confirmed; a rejected or cancelled one stays so."
    chinese = "该认领尚未确认或已结束。"


class ClaimTaken(Conflict):
    """A gathering is planned on this claim already."""

    code = "claim-taken"
    hint = "Cancel that gathering, or make another claim: one gathering for each claim."
    chinese = "该认领已用于一场活动，每次认领只能举办一场。"


class Channel(StrEnum):
    """Where the host's people get the goods."""

    GATHERING = "gathering"
    COMMUNITY_SHOP = "community-shop"
    ONLINE = "online"


class Status(StrEnum):
    """Where a claim stands."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A host's right to packs and subsidy, with the offer's terms as they were then.

    ``subsidy`` is ``base_subsidy`` and, for goods near their best-before date, more by
    ``urgency_basis_points``, within the offer's limits. ``region`` is the community's city
    then, in its tidy form. ``gathering_id`` names the one gathering planned on it; a slot
    that was refused gives the claim back for another plan.
    """

    id: str
    lot_id: str
    offer_id: str
    brand_id: str
    host_id: str
    community_id: str
    packs: int
    subsidy: Money
    min_checked_in: int
    terms: Mapping[str, int]
    requested_at: datetime
    base_subsidy: Money
    urgency_basis_points: int = 0
    region: str = ""
    channel: Channel = Channel.GATHERING
    status: Status = Status.REQUESTED
    decided_at: datetime | None = None
    reservation_id: str | None = None
    refusal_code: str | None = None
    refusal_detail: str | None = None
    gathering_id: str | None = None
    revision: Revision = Revision()

    def confirm(self, reservation_id: str, *, now: datetime) -> Decision[Claim]:
        """Both packs and subsidy are set aside: the point of no return."""
        self._must_be(Status.REQUESTED)
        confirmed = ClaimConfirmed(
            claim_id=self.id,
            lot_id=self.lot_id,
            offer_id=self.offer_id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            packs=self.packs,
            subsidy=self.subsidy,
            reservation_id=reservation_id,
            occurred_at=now,
        )
        state = replace(
            self, status=Status.CONFIRMED, reservation_id=reservation_id, decided_at=now
        )
        return Decision(state, (confirmed,))

    def reject(self, code: str, detail: str, *, now: datetime) -> Decision[Claim]:
        """A step was refused or took too long."""
        self._must_be(Status.REQUESTED)
        rejected = ClaimRejected(
            claim_id=self.id,
            lot_id=self.lot_id,
            offer_id=self.offer_id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            code=code,
            detail=detail,
            occurred_at=now,
        )
        state = replace(
            self,
            status=Status.REJECTED,
            refusal_code=code,
            refusal_detail=detail,
            decided_at=now,
        )
        return Decision(state, (rejected,))

    def take(self, gathering_id: str) -> Decision[Claim]:
        """Reserve the claim for one gathering; raise ``ClaimTaken`` when it has one."""
        self._must_be_free()
        return Decision(replace(self, gathering_id=gathering_id))

    def give_back(self) -> Decision[Claim]:
        """Its gathering came to nothing before it was open: plan another."""
        self._must_be(Status.CONFIRMED)
        return Decision(replace(self, gathering_id=None))

    def cancel(self, *, now: datetime) -> Decision[Claim]:
        """Give packs and subsidy back while no gathering stands on the claim."""
        self._must_be_free()
        return self.end_unheld(now=now)

    def end_unheld(self, *, now: datetime) -> Decision[Claim]:
        """The claim ends without a gathering held."""
        self._must_be(Status.CONFIRMED)
        cancelled = ClaimCancelled(
            claim_id=self.id,
            lot_id=self.lot_id,
            offer_id=self.offer_id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            packs=self.packs,
            subsidy=self.subsidy,
            occurred_at=now,
        )
        return Decision(replace(self, status=Status.CANCELLED), (cancelled,))

    def settle(self, *, now: datetime) -> Decision[Claim]:
        """Its gathering was paid out."""
        self._must_be(Status.CONFIRMED)
        if self.gathering_id is None:
            raise ClaimNotConfirmed("no gathering stands on the claim")
        settled = ClaimSettled(
            claim_id=self.id,
            gathering_id=self.gathering_id,
            host_id=self.host_id,
            brand_id=self.brand_id,
            occurred_at=now,
        )
        return Decision(replace(self, status=Status.SETTLED), (settled,))

    def _must_be_free(self) -> None:
        self._must_be(Status.CONFIRMED)
        if self.gathering_id is not None:
            raise ClaimTaken(f"taken by {self.gathering_id}", gathering_id=self.gathering_id)

    def _must_be(self, status: Status) -> None:
        if self.status is not status:
            raise ClaimNotConfirmed(f"the claim is {self.status}", state=str(self.status))


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
    now: datetime,
) -> Decision[Claim]:
    """Ask for packs and subsidy on the offer's present terms, or raise the rule against it."""
    if lot.closed is not None or now >= lot.ends_at:
        raise LotClosed(lot.closed or f"ended at {lot.ends_at.isoformat()}")
    if offer.brand_id != lot.brand_id:
        raise OfferOfAnotherBrand(f"the lot's brand is {lot.brand_id}", brand_id=lot.brand_id)
    if offer.closed is not None or not offer.opens_at <= now < offer.closes_at:
        raise OfferNotOpen(
            offer.closed
            or f"open from {offer.opens_at.isoformat()} to {offer.closes_at.isoformat()}"
        )
    people, needed = community.portrait.size, lot.min_community_size
    if people < needed:
        raise CommunityTooSmall(f"{people} people, {needed} needed", needed=needed)
    region = tidy(community.portrait.city)
    _must_be_allowed(region, channel, lot.restrictions)
    amount, urgency = offer.worth(lot.best_before, now)
    subsidy = Money(amount, offer.subsidy.currency)
    requested = ClaimRequested(
        claim_id=claim_id,
        lot_id=lot.id,
        offer_id=offer.id,
        brand_id=lot.brand_id,
        host_id=community.host_id,
        community_id=community.id,
        packs=packs,
        subsidy=subsidy,
        occurred_at=now,
    )
    state = Claim(
        id=claim_id,
        lot_id=lot.id,
        offer_id=offer.id,
        brand_id=lot.brand_id,
        host_id=community.host_id,
        community_id=community.id,
        packs=packs,
        subsidy=subsidy,
        base_subsidy=offer.subsidy,
        urgency_basis_points=urgency,
        min_checked_in=offer.min_checked_in,
        terms=offer.terms,
        requested_at=now,
        region=region,
        channel=channel,
    )
    return Decision(state, (requested,))


def _must_be_allowed(region: str, channel: Channel, restrictions: Restrictions) -> None:
    """Raise the rule that keeps the goods from there; catalog has the last word on it."""
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
