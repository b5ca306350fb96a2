"""When packs and subsidy may be claimed, and how a claim ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.matching.claims.domain import (
    Channel,
    ChannelNotAllowed,
    ClaimNotConfirmed,
    ClaimTaken,
    CommunityTooSmall,
    HostCapReached,
    HostsOnly,
    LotClosed,
    NotEligible,
    OfferNotOpen,
    OfferOfAnotherBrand,
    RegionNotAllowed,
    Status,
    claim,
    must_be_host,
)
from services.matching.claims.events import (
    ClaimCancelled,
    ClaimConfirmed,
    ClaimRejected,
    ClaimRequested,
    ClaimSettled,
)
from services.matching.offers.domain import Holding, Restrictions
from services.matching.offers.engine.ramp import Ramp, Step
from sharing.eligibility import ClaimFacts, Clause
from tests.builders.matching import (
    BRAND,
    HOST,
    NOW,
    STRANGER,
    TERMS,
    a_claim,
    a_community,
    a_lot,
    an_id,
    an_offer,
)


def requested(**changes):
    given = {
        "community": a_community(),
        "lot": a_lot(),
        "offer": an_offer(),
        "packs": 2,
        "now": NOW,
    }
    return claim(an_id("clm"), **given | changes)


class TestEligibility:
    BIG = Clause("big", "community_size >= 41", "At least 41 people.", "至少四十一人。")
    SEASONED = Clause("seasoned", "settled_gatherings >= 3", "Three held.", "办过三场。")
    LOCAL = Clause("local", "city == 'beijing' && 'tea' in tags", "Tea in Beijing.", "北京茶友。")

    def test_refuses_with_every_clause_that_is_not_met_in_its_own_words(self):
        offer = an_offer(eligibility=(self.BIG, self.LOCAL, self.SEASONED))

        with pytest.raises(NotEligible) as refused:
            requested(offer=offer, settled=2)

        assert refused.value.code == "not-eligible"
        assert refused.value.members == {
            "offer_id": offer.id,
            "clauses": [
                {"name": "big", "en": "At least 41 people.", "zh": "至少四十一人。"},
                {"name": "seasoned", "en": "Three held.", "zh": "办过三场。"},
            ],
        }

    def test_freezes_what_was_asked_and_what_was_so(self):
        clauses = (self.LOCAL, self.SEASONED)

        state = requested(offer=an_offer(eligibility=clauses), settled=3).state

        assert state.subsidies[0].met == clauses
        assert state.facts == ClaimFacts(
            community_size=40,
            city="beijing",
            tags=("tea",),
            settled_gatherings=3,
            packs=2,
            channel="gathering",
        )


class TestTheMostForOneHost:
    @pytest.mark.parametrize(("held", "asked", "left"), [(0, 4, 3), (2, 2, 1), (3, 1, 0)])
    def test_is_kept_at_once_where_the_lot_was_told_of_her_claims(self, held, asked, left):
        lot = a_lot(holdings={an_id("clm", 7): Holding(host_id=HOST, packs=held)})

        with pytest.raises(HostCapReached) as refused:
            requested(lot=lot, packs=asked)

        assert refused.value.code == "host-cap-reached"
        assert refused.value.members == {"left": left}
        if left:
            assert requested(lot=lot, packs=left).state.packs == left

    def test_counts_no_packs_of_others(self):
        lot = a_lot(holdings={an_id("clm", 7): Holding(host_id=STRANGER, packs=3)})

        assert requested(lot=lot, packs=3).state.packs == 3


class TestRequest:
    def test_freezes_the_offers_terms(self):
        state, (event,), messages = requested()

        assert state.status is Status.REQUESTED
        assert (state.subsidy, state.min_checked_in) == (Money(80_000, "CNY"), 12)
        assert state.terms == TERMS
        assert messages == ()
        assert event == ClaimRequested(
            claim_id=an_id("clm"),
            lot_id=an_id("lot"),
            offer_id=an_id("off"),
            brand_id=BRAND,
            host_id=HOST,
            community_id=an_id("com"),
            packs=2,
            subsidy=Money(80_000, "CNY"),
            occurred_at=NOW,
        )

    def test_freezes_what_urgency_adds_at_that_moment(self):
        offer = an_offer(ramp=Ramp((Step(14, 2_500),), most=95_000))
        lot = a_lot(best_before=NOW + timedelta(days=14))

        state, (event,), _ = requested(offer=offer, lot=lot)
        later, _, _ = requested(offer=offer, lot=lot, now=NOW + timedelta(days=2))
        before, _, _ = requested(offer=offer, lot=lot, now=NOW - timedelta(microseconds=1))

        assert state.subsidy == event.subsidy == Money(95_000, "CNY")
        assert (state.base_subsidy, state.urgency_basis_points) == (Money(80_000, "CNY"), 2_500)
        assert later.subsidy == Money(95_000, "CNY")
        assert (before.subsidy, before.urgency_basis_points) == (Money(80_000, "CNY"), 0)

    def test_takes_no_more_than_the_total_leaves(self):
        offer = an_offer(
            ramp=Ramp((Step(14, 2_500),), most=95_000), committed=Money(715_000, "CNY")
        )

        state, _, _ = requested(offer=offer, lot=a_lot(best_before=NOW + timedelta(days=3)))

        assert state.subsidy == Money(85_000, "CNY")

    @pytest.mark.parametrize("kind", ["brand", "venue", "author", "platform", ""])
    def test_is_for_hosts_only(self, kind):
        with pytest.raises(HostsOnly) as refused:
            must_be_host(kind)

        assert refused.value.code == "hosts-only"
        must_be_host("host")

    def test_refuses_a_closed_lot(self):
        with pytest.raises(LotClosed, match="sold-out"):
            requested(lot=a_lot(closed="sold-out"))

    def test_refuses_from_the_moment_the_lot_ends(self):
        with pytest.raises(LotClosed):
            requested(lot=a_lot(closes_at=NOW))

        requested(lot=a_lot(closes_at=NOW + timedelta(microseconds=1)))

    def test_refuses_a_lot_past_its_best_before(self):
        with pytest.raises(LotClosed):
            requested(lot=a_lot(best_before=NOW))

    def test_refuses_an_offer_of_another_brand(self):
        with pytest.raises(OfferOfAnotherBrand):
            requested(offer=an_offer(brand_id=STRANGER))

    @pytest.mark.parametrize(
        "shut",
        [{"closed": "withdrawn"}, {"closes_at": NOW}, {"opens_at": NOW + timedelta(seconds=1)}],
    )
    def test_refuses_an_offer_that_is_not_open(self, shut):
        with pytest.raises(OfferNotOpen):
            requested(offer=an_offer(**shut))

    def test_refuses_a_community_too_small_for_the_lot(self):
        with pytest.raises(CommunityTooSmall, match="9 people, 10 needed") as refused:
            requested(community=a_community(size=9))

        assert refused.value.members == {"needed": 10}
        requested(community=a_community(size=10))

    def test_refuses_a_region_the_brand_does_not_allow(self):
        with pytest.raises(RegionNotAllowed, match="beijing asked, suzhou, 上海 allowed") as told:
            requested(lot=a_lot(restrictions=Restrictions(regions=("suzhou", "上海"))))

        assert told.value.members == {"regions": ["suzhou", "上海"]}
        state, _, _ = requested(lot=a_lot(restrictions=Restrictions(regions=("beijing",))))
        assert state.region == "beijing"

    def test_refuses_a_channel_the_brand_does_not_allow(self):
        lot = a_lot(restrictions=Restrictions(channels=("gathering", "online")))

        with pytest.raises(ChannelNotAllowed) as told:
            requested(lot=lot, channel=Channel.COMMUNITY_SHOP)

        assert told.value.members == {"channels": ["gathering", "online"]}
        state, _, _ = requested(lot=lot, channel=Channel.ONLINE)
        assert state.channel is Channel.ONLINE


class TestDecision:
    def test_confirms_with_the_reservation(self):
        asked = a_claim(status=Status.REQUESTED, reservation_id=None)

        state, (event,), _ = asked.confirm(an_id("rsv", 5), now=NOW)

        assert (state.status, state.reservation_id) == (Status.CONFIRMED, an_id("rsv", 5))
        assert isinstance(event, ClaimConfirmed)
        assert event.reservation_id == an_id("rsv", 5)

    def test_rejects_with_the_reason(self):
        state, (event,), _ = a_claim(status=Status.REQUESTED).reject(
            "not-enough-packs", "2 asked, 1 free", now=NOW
        )

        assert (state.status, state.refusal_code) == (Status.REJECTED, "not-enough-packs")
        assert isinstance(event, ClaimRejected)
        assert event.detail == "2 asked, 1 free"

    @pytest.mark.parametrize("status", set(Status) - {Status.REQUESTED})
    def test_is_made_once(self, status):
        decided = a_claim(status=status)

        with pytest.raises(ClaimNotConfirmed):
            decided.confirm(an_id("rsv"), now=NOW)
        with pytest.raises(ClaimNotConfirmed):
            decided.reject("timed-out", "", now=NOW)


class TestUse:
    def test_carries_one_gathering(self):
        taken = a_claim().take(an_id("gth")).state

        with pytest.raises(ClaimTaken) as refused:
            taken.take(an_id("gth", 2))

        assert taken.gathering_id == an_id("gth")
        assert refused.value.members == {"gathering_id": an_id("gth")}

    def test_is_free_again_when_the_gathering_came_to_nothing(self):
        taken = a_claim(gathering_id=an_id("gth"))

        assert taken.give_back().state.gathering_id is None

    @pytest.mark.parametrize("status", set(Status) - {Status.CONFIRMED})
    def test_needs_a_confirmed_claim(self, status):
        with pytest.raises(ClaimNotConfirmed):
            a_claim(status=status).take(an_id("gth"))

    def test_is_cancelled_while_free(self):
        state, (event,), _ = a_claim().cancel(now=NOW)

        assert state.status is Status.CANCELLED
        assert isinstance(event, ClaimCancelled)
        assert (event.packs, event.subsidy) == (2, Money(80_000, "CNY"))

    def test_is_not_cancelled_under_a_gathering(self):
        with pytest.raises(ClaimTaken):
            a_claim(gathering_id=an_id("gth")).cancel(now=NOW)

    def test_ends_with_its_gatherings_settlement(self):
        state, (event,), _ = a_claim(gathering_id=an_id("gth")).settle(now=NOW)

        assert state.status is Status.SETTLED
        assert isinstance(event, ClaimSettled)
        assert event.gathering_id == an_id("gth")

    def test_is_not_settled_without_a_gathering(self):
        with pytest.raises(ClaimNotConfirmed):
            a_claim().settle(now=NOW)

    def test_is_settled_once(self):
        with pytest.raises(ClaimNotConfirmed):
            replace(a_claim(gathering_id=an_id("gth")), status=Status.SETTLED).settle(now=NOW)
