"""A kit is claimed whole: what is agreed is frozen, and one saga takes all or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.errors import DomainError
from chassis.kernel.money import Money
from chassis.testing.clock import FakeClock
from services.matching.claims.domain import Channel, NotEligible, Status, claim_kit
from services.matching.claims.handlers import kit_claim_plan, kit_return_plan
from services.matching.claims.use_cases import (
    Applicants,
    KitBook,
    RequestKit,
    cancel_claim,
    request_kit,
)
from services.matching.offers.domain import Restrictions
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    DIGEST,
    HOST,
    NOW,
    OTHER_BRAND,
    STRANGER,
    a_claim,
    a_community,
    a_kit,
    a_kit_claim,
    a_lot,
    a_version,
    an_id,
    an_offer,
    counting_ids,
)
from tests.unit.matching.fakes import (
    FakeBehaviour,
    FakeBook,
    FakeClaims,
    FakeCommunities,
    FakeSagas,
    Found,
    a_desk,
    a_docket,
)
from tests.unit.matching.sagas import Walk

RESERVED = "catalog.reply.kit-reserved.v1"
REFUSED = "catalog.reply.kit-refused.v1"
RELEASED = "catalog.reply.kit-released.v1"
HELD = "payments.reply.hold-placed.v1"
HOLD_REFUSED = "payments.reply.hold-refused.v1"
HOLD_RELEASED = "payments.reply.hold-released.v1"


def lots(**changes):
    return [
        a_lot(**changes),
        a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND),
    ]


def requested(**changes):
    kit = changes.pop("kit", a_kit())
    given = {
        "community": a_community(),
        "kit": kit,
        "terms_digest": a_kit().terms_digest,
        "lots": lots(),
        "offers": [an_offer()],
        "now": NOW,
    }
    return claim_kit(an_id("clm"), **given | changes)


class TestClaimKit:
    def test_must_meet_the_conditions_of_every_offer_it_takes(self):
        def asking(when):
            clause = Clause("size", when, "So many packs.", "须有这么多包。")
            return requested(offers=[an_offer(eligibility=(clause,))])

        with pytest.raises(NotEligible):
            asking("packs >= 4")

        assert asking("packs == 3").state.facts.packs == 3

    def test_freezes_what_the_brands_signed(self):
        state, (event,), _ = requested()

        assert state.kit == a_kit()
        assert state.brand_ids == (BRAND, OTHER_BRAND)
        assert state.terms == {
            "brand": 6000,
            "host": 2000,
            "venue": 1000,
            "author": 500,
            "platform": 500,
            "co_host": 0,
        }
        assert (state.subsidy, state.min_checked_in) == (Money(80_000, "CNY"), 12)
        assert event.type == "matching.claim.kit-requested.v1"
        assert event.packs == {an_id("lot"): 2, an_id("lot", 2): 1}

    def test_needs_no_subsidy(self):
        state, _, _ = requested(offers=[])

        assert (state.subsidy, state.min_checked_in) == (Money(0, "CNY"), 0)

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"kit": a_kit(closed="withdrawn")}, "kit-closed"),
            ({"terms_digest": "sha256:other"}, "other-terms-agreed"),
            ({"lots": lots(closed="withdrawn")}, "lot-closed"),
            ({"lots": lots(min_community_size=41)}, "community-too-small"),
            ({"lots": lots(max_packs_per_host=1)}, "host-cap-reached"),
            ({"lots": lots(restrictions=Restrictions(regions=("suzhou",)))}, "region-not-allowed"),
            (
                {"lots": lots(restrictions=Restrictions(channels=(Channel.ONLINE,)))},
                "channel-not-allowed",
            ),
            ({"offers": [an_offer(), an_offer(id=an_id("off", 2))]}, "offer-not-of-kit"),
            ({"offers": [an_offer(brand_id=STRANGER)]}, "offer-not-of-kit"),
            ({"offers": [an_offer(subsidy=Money(1, "EUR"))]}, "offer-not-of-kit"),
            ({"offers": [an_offer(closes_at=NOW)]}, "offer-not-open"),
        ],
    )
    def test_refuses_what_does_not_fit(self, wrong, code):
        with pytest.raises(DomainError) as refused:
            requested(**wrong)

        assert refused.value.code == code


class TestRequestKit:
    def ask(self, **changes):
        claims, sagas = FakeClaims(), FakeSagas()
        book, theme = FakeBook(lots(), an_offer()), changes.pop("theme", a_version())
        command = {
            "organization_id": HOST,
            "organization_kind": "host",
            "kit_id": a_kit().id,
            "terms_digest": a_kit().terms_digest,
            "community_id": an_id("com"),
            "offer_ids": (an_id("off"),),
        }
        asked = request_kit(
            RequestKit(**command | changes),
            claims=claims,
            kits=KitBook(Found(**{a_kit().id: a_kit()}), Found(**{DIGEST: theme})),
            book=book,
            applicants=Applicants(FakeCommunities(a_community()), FakeBehaviour()),
            holds=a_desk(book),
            sagas=sagas,
            ids=counting_ids(),
            now=NOW,
        )
        return asked, sagas

    def test_starts_one_saga_for_all_of_it(self):
        asked, sagas = self.ask()

        ((kind, _, data),) = sagas.started
        assert kind == "kit-claim"
        assert data["subsidies"] == {an_id("off"): {"minor": 80_000, "currency": "CNY"}}
        assert data["brand_shares"] == {BRAND: 3500, OTHER_BRAND: 2500}
        assert asked.status is Status.REQUESTED

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"organization_kind": "brand"}, "hosts-only"),
            ({"kit_id": an_id("kit", 7)}, "kit-not-found"),
            ({"organization_id": STRANGER}, "community-of-another-host"),
            ({"offer_ids": (an_id("off", 7),)}, "offer-not-found"),
            ({"theme": a_version(is_yanked=True)}, "kit-theme-yanked"),
        ],
    )
    def test_refuses_what_does_not_fit(self, wrong, code):
        with pytest.raises(DomainError) as refused:
            self.ask(**wrong)

        assert refused.value.code == code

    def test_is_given_back_by_a_saga_of_its_own(self):
        claims, sagas = FakeClaims(a_kit_claim()), FakeSagas()

        cancel_claim(an_id("clm"), host_id=HOST, claims=claims, sagas=sagas, now=NOW)

        ((kind, _, data),) = sagas.started
        assert (kind, data["kit_id"]) == ("kit-return", a_kit().id)
        assert claims.told == ["matching.claim.kit-cancelled.v1"]


DATA = {
    "claim_id": an_id("clm"),
    "kit_id": an_id("kit"),
    "terms_digest": "sha256:" + "5a" * 32,
    "host_id": HOST,
    "region": "beijing",
    "channel": "gathering",
    "terms": {"brand": 6000, "host": 2000, "venue": 1000, "author": 500, "platform": 500},
    "price": {"minor": 100_001, "currency": "CNY"},
    "brand_shares": {BRAND: 3500, OTHER_BRAND: 2500},
    "royalties": {STRANGER: 10_000},
    "subsidies": {an_id("off"): {"minor": 80_000, "currency": "CNY"}},
    "offer_id": "",
    "expires_at": "2026-03-01T13:00:00.000000Z",
}


class TestKitSaga:
    @pytest.fixture
    def claims(self):
        return FakeClaims(a_kit_claim(status=Status.REQUESTED, decided_at=None))

    @pytest.fixture
    def walk(self, claims):
        return Walk(kit_claim_plan(a_docket(claims), FakeClock(NOW)), DATA, an_id("sag"))

    def outcome(self, claims):
        found = claims.get(an_id("clm"))
        return found.status.value, found.refusal_code

    def test_reserves_holds_and_confirms(self, walk, claims):
        walk.hear(RESERVED).hear(HELD)

        assert walk.asked == ["reserve-kit", "place-kit-hold"]
        assert self.outcome(claims) == ("confirmed", None)
        assert claims.told == ["matching.claim.kit-confirmed.v1"]
        reserve, hold = walk.sent
        assert (reserve.key, hold.key) == (an_id("kit"), an_id("clm"))
        assert hold.subsidies == {an_id("off"): Money(80_000, "CNY")}

    def test_refused_by_the_catalog_has_nothing_to_take_back(self, walk, claims):
        walk.hear(REFUSED, code="not-enough-packs", detail="")

        assert walk.asked == ["reserve-kit"]
        assert self.outcome(claims) == ("rejected", "not-enough-packs")

    def test_refused_by_payments_gives_the_packs_back(self, walk, claims):
        walk.hear(RESERVED).hear(HOLD_REFUSED, code="not-enough-funds", detail="")
        assert walk.asked[-1] == "release-kit"
        assert self.outcome(claims) == ("requested", None)

        walk.hear(RELEASED)

        assert self.outcome(claims) == ("rejected", "not-enough-funds")
        assert claims.told == ["matching.claim.kit-rejected.v1"]

    def test_without_an_answer_gives_back_what_may_stand(self, walk, claims):
        for _ in range(4):
            walk.wait()
        assert walk.asked == ["reserve-kit", "release-kit"]

        walk.hear(RELEASED)

        assert self.outcome(claims) == ("rejected", "timed-out")

    def test_held_too_late_is_let_go_again(self, walk, claims):
        walk.hear(RESERVED)
        for _ in range(15):
            walk.wait()
        walk.hear(HOLD_RELEASED).hear(RELEASED)
        assert self.outcome(claims) == ("rejected", "timed-out")

        walk.hear(HELD)

        assert walk.asked[-1] == "release-hold"
        assert walk.sent[-1].key == an_id("clm")

    def test_hears_every_answer_twice_without_harm(self, walk, claims):
        walk.hear(RESERVED).hear(RESERVED).hear(HELD).hear(HELD)

        assert walk.asked == ["reserve-kit", "place-kit-hold"]
        assert claims.writes == 1


class TestKitReturn:
    def test_gives_packs_and_subsidies_back(self):
        walk = Walk(kit_return_plan(), DATA | {"reason": "claim-cancelled"}, an_id("sag"))

        walk.wait().hear(RELEASED).wait().hear(HOLD_RELEASED)

        assert walk.asked == ["release-kit", "release-hold"]
        assert walk.endings == ["completed"]


class TestLotClaim:
    def test_knows_no_kit(self):
        assert (a_claim().kit_id, a_claim().lot_id) == (None, an_id("lot"))
        assert (a_kit_claim().kit_id, a_kit_claim().lot_id) == (an_id("kit"), None)
        assert a_kit_claim(requested_at=NOW - timedelta(hours=1)).packs == 3
