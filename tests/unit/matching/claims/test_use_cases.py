"""A claim is asked for, decided once, and given back by its host."""

from datetime import timedelta

import pytest

from chassis.kernel.errors import DomainError, Forbidden
from chassis.kernel.ids import derived_id
from services.matching.claims.domain import ClaimNotFound, ClaimTaken, HostsOnly, Status
from services.matching.claims.use_cases import (
    Applicants,
    Docket,
    RequestClaim,
    SagaEnd,
    cancel_claim,
    claim_of_party,
    decide_claims,
    request_claim,
)
from services.matching.holds.domain import HeldForAnother
from tests.builders.matching import (
    BRAND,
    HOST,
    NOW,
    STRANGER,
    TERMS,
    a_claim,
    a_community,
    a_hold,
    a_lot,
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
    a_desk,
)


class Scene:
    def __init__(self, *claims, holds=()) -> None:
        self.claims, self.sagas = FakeClaims(*claims), FakeSagas()
        held = {hold.id: hold.held for hold in holds}
        self.book = FakeBook([a_lot(held=held)], an_offer())
        self.desk = a_desk(self.book, *holds)
        self.docket = Docket(self.claims, self.desk, self.book)

    def request(self, **changes):
        given = {
            "organization_id": HOST,
            "organization_kind": "host",
            "lot_id": an_id("lot"),
            "offer_id": an_id("off"),
            "community_id": an_id("com"),
            "packs": 2,
        }
        return request_claim(
            RequestClaim(**given | changes),
            claims=self.claims,
            book=self.book,
            applicants=Applicants(FakeCommunities(a_community()), FakeBehaviour()),
            holds=self.desk,
            sagas=self.sagas,
            ids=counting_ids(),
            now=NOW,
        )

    @property
    def is_untouched(self):
        return not (self.claims.writes or self.claims.events or self.sagas.started)


class TestRequestClaim:
    def test_stores_the_claim_and_begins_its_saga(self):
        scene = Scene()

        claim = scene.request()

        assert scene.claims.told == ["matching.claim.requested.v1"]
        ((kind, saga_id, data),) = scene.sagas.started
        assert (kind, saga_id) == ("claim", derived_id("sag", claim.id))
        assert data == {
            "claim_id": claim.id,
            "lot_id": an_id("lot"),
            "offer_id": an_id("off"),
            "brand_id": BRAND,
            "host_id": HOST,
            "packs": 2,
            "region": "beijing",
            "channel": "gathering",
            "amount": {"minor": 80_000, "currency": "CNY"},
            "terms": TERMS,
            "requested_at": "2026-03-01T12:00:00.000000Z",
            "expires_at": "2026-03-01T13:00:00.000000Z",
        }

    def test_tells_a_brand_why_before_it_looks_anything_up(self):
        scene = Scene()

        with pytest.raises(HostsOnly) as refused:
            scene.request(organization_kind="brand", lot_id=an_id("lot", 7))

        assert isinstance(refused.value, Forbidden)
        assert scene.is_untouched

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"lot_id": an_id("lot", 7)}, "lot-not-found"),
            ({"offer_id": an_id("off", 7)}, "offer-not-found"),
            ({"community_id": an_id("com", 7)}, "community-not-found"),
            ({"organization_id": STRANGER}, "community-of-another-host"),
        ],
    )
    def test_refuses_what_is_unknown_or_of_another_host(self, wrong, code):
        scene = Scene()

        with pytest.raises(DomainError) as refused:
            scene.request(**wrong)

        assert refused.value.code == code
        assert scene.is_untouched


class TestPacksThatAreHeld:
    def test_go_to_the_host_they_are_held_for_and_end_the_hold(self):
        scene = Scene(holds=[a_hold(packs=2)])

        claim = scene.request(packs=3)

        assert scene.desk.holds.get(an_id("shd")).claim_id == claim.id
        assert scene.book.lot(an_id("lot")).held == {}
        assert len(scene.sagas.started) == 1

    def test_are_refused_to_others_with_the_time_to_try_again(self):
        scene = Scene(holds=[a_hold(host_id=STRANGER, packs=2)])

        with pytest.raises(HeldForAnother) as refused:
            scene.request(packs=2)

        assert refused.value.code == "held-for-another"
        assert refused.value.members == {"free": 1, "again_at": "2026-03-03T12:00:00.000000Z"}
        assert scene.is_untouched
        assert scene.desk.holds.get(an_id("shd")).claim_id is None

    def test_leave_others_what_is_free_beside_them(self):
        scene = Scene(holds=[a_hold(host_id=STRANGER, packs=2)])

        assert scene.request(packs=1).packs == 1
        assert list(scene.book.lot(an_id("lot")).held) == [an_id("shd")]

    def test_are_free_again_once_the_hold_has_run_out(self):
        scene = Scene(holds=[a_hold(host_id=STRANGER, packs=3, until=NOW)])

        assert scene.request(packs=3).packs == 3


class TestDecideClaims:
    def test_confirms_and_rejects_in_one_run(self):
        scene = Scene(
            a_claim(id=an_id("clm", 1), status=Status.REQUESTED),
            a_claim(id=an_id("clm", 2), status=Status.REQUESTED),
        )

        decide_claims(
            [
                SagaEnd(an_id("clm", 1), reservation_id=an_id("rsv")),
                SagaEnd(an_id("clm", 2), code="not-enough-packs", detail="sold out"),
            ],
            docket=scene.docket,
            now=NOW,
        )

        assert scene.claims.told == ["matching.claim.confirmed.v1", "matching.claim.rejected.v1"]
        assert scene.claims.get(an_id("clm", 1)).status is Status.CONFIRMED
        assert scene.claims.get(an_id("clm", 2)).refusal_code == "not-enough-packs"

    def test_leaves_decided_claims_as_they_are(self):
        scene = Scene(a_claim())

        decide_claims([SagaEnd(an_id("clm"), code="timed-out")], docket=scene.docket, now=NOW)

        assert scene.is_untouched


class TestCancelClaim:
    def test_asks_for_packs_and_subsidy_back(self):
        scene = Scene(a_claim())

        cancelled = cancel_claim(
            an_id("clm"),
            host_id=HOST,
            claims=scene.claims,
            sagas=scene.sagas,
            now=NOW + timedelta(hours=1),
        )

        assert cancelled.status is Status.CANCELLED
        ((kind, saga_id, data),) = scene.sagas.started
        assert (kind, saga_id) == ("claim-return", derived_id("sag", an_id("clm"), "return"))
        assert data["reason"] == "claim-cancelled"

    def test_knows_no_claim_of_another_host(self):
        scene = Scene(a_claim())

        with pytest.raises(ClaimNotFound):
            cancel_claim(
                an_id("clm"), host_id=STRANGER, claims=scene.claims, sagas=scene.sagas, now=NOW
            )

        assert scene.is_untouched

    def test_refuses_once_a_gathering_is_planned(self):
        scene = Scene(a_claim(gathering_id=an_id("gth")))

        with pytest.raises(ClaimTaken):
            cancel_claim(
                an_id("clm"), host_id=HOST, claims=scene.claims, sagas=scene.sagas, now=NOW
            )

        assert scene.is_untouched


class TestClaimOfParty:
    @pytest.mark.parametrize("party", [HOST, BRAND])
    def test_shows_it_to_host_and_brand(self, party):
        claims = FakeClaims(a_claim())

        assert claim_of_party(an_id("clm"), party, is_platform=False, claims=claims) == a_claim()

    def test_hides_it_from_everybody_else_but_the_platform(self):
        claims = FakeClaims(a_claim())

        with pytest.raises(ClaimNotFound):
            claim_of_party(an_id("clm"), STRANGER, is_platform=False, claims=claims)

        assert claim_of_party(an_id("clm"), STRANGER, is_platform=True, claims=claims)
