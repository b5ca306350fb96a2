"""The sagas of a claim: all is set aside, or all is given back."""

from datetime import timedelta

import pytest

from chassis.testing.clock import FakeClock
from services.matching.claims.domain import Status
from services.matching.claims.handlers import claim_plan, claim_return_plan
from tests.builders.matching import BRAND, HOST, NOW, TERMS, a_claim, an_id
from tests.unit.matching.fakes import FakeClaims, a_docket
from tests.unit.matching.sagas import START, Walk

RESERVED = "catalog.reply.packs-reserved.v1"
PACKS_REFUSED = "catalog.reply.packs-refused.v1"
RELEASED = "catalog.reply.packs-released.v1"
HELD = "payments.reply.hold-placed.v1"
HOLD_REFUSED = "payments.reply.hold-refused.v1"
HOLD_RELEASED = "payments.reply.hold-released.v1"
DATA = {
    "claim_id": an_id("clm"),
    "lot_id": an_id("lot"),
    "offer_id": an_id("off"),
    "brand_id": BRAND,
    "host_id": HOST,
    "packs": 2,
    "amount": {"minor": 80_000, "currency": "CNY"},
    "terms": TERMS,
    "expires_at": "2026-03-01T13:00:00.000000Z",
}


@pytest.fixture
def claims():
    return FakeClaims(a_claim(status=Status.REQUESTED, reservation_id=None))


@pytest.fixture
def walk(claims):
    return Walk(claim_plan(a_docket(claims), FakeClock(NOW)), DATA, an_id("sag"))


def outcome(claims):
    claim = claims.get(an_id("clm"))
    return claim.status.value, claim.reservation_id or claim.refusal_code


class TestClaimSaga:
    def test_reserves_holds_and_confirms(self, walk, claims):
        walk.hear(RESERVED, reservation_id=an_id("rsv")).hear(HELD, contract_id=an_id("ctr"))

        assert walk.asked == ["reserve-packs", "place-hold"]
        assert outcome(claims) == ("confirmed", an_id("rsv"))
        assert claims.told == ["matching.claim.confirmed.v1"]

    def test_says_everything_the_others_need(self, walk):
        walk.hear(RESERVED, reservation_id=an_id("rsv"))

        reserve, hold = walk.sent
        assert (reserve.key, hold.key) == (an_id("lot"), an_id("off"))
        assert reserve.expires_at == NOW + timedelta(hours=1)
        assert reserve.correlation_id == hold.correlation_id == an_id("sag")
        assert hold.amount.minor == 80_000
        assert hold.terms == TERMS

    def test_says_when_the_claim_was_made_however_late_it_asks(self, claims):
        told = DATA | {"requested_at": "2026-03-01T12:00:00.000000Z"}

        walk = Walk(
            claim_plan(a_docket(claims), FakeClock(NOW + timedelta(minutes=9))), told, an_id("sag")
        )
        walk.hear(RESERVED, reservation_id=an_id("rsv"))

        assert walk.sent[1].requested_at == NOW

    def test_says_where_the_goods_would_go(self, claims):
        told = DATA | {"region": "beijing", "channel": "online"}

        (asked,) = Walk(claim_plan(a_docket(claims), FakeClock(NOW)), told, an_id("sag")).sent

        assert (asked.region, asked.channel) == ("beijing", "online")

    def test_of_an_older_claim_names_no_region_and_a_gathering(self, walk):
        (asked,) = walk.sent

        assert (asked.region, asked.channel) == ("", "gathering")

    def test_asks_for_the_hold_even_of_nothing(self, claims):
        free = DATA | {"amount": {"minor": 0, "currency": "CNY"}}
        walk = Walk(claim_plan(a_docket(claims), FakeClock(NOW)), free, an_id("sag"))

        walk.hear(RESERVED, reservation_id=an_id("rsv"))

        assert walk.sent[-1].amount.minor == 0

    def test_is_rejected_at_once_when_the_packs_are_refused(self, walk, claims):
        walk.hear(PACKS_REFUSED, code="not-enough-packs", detail="2 asked, 1 free")

        assert walk.asked == ["reserve-packs"]
        assert outcome(claims) == ("rejected", "not-enough-packs")

    def test_gives_the_packs_back_when_the_hold_is_refused(self, walk, claims):
        walk.hear(RESERVED, reservation_id=an_id("rsv"))
        walk.hear(HOLD_REFUSED, code="not-enough-funds", detail="")

        assert walk.asked == ["reserve-packs", "place-hold", "release-packs"]
        assert outcome(claims)[0] == "requested"

        walk.hear(RELEASED)

        assert outcome(claims) == ("rejected", "not-enough-funds")
        assert walk.endings == ["failed"]

    def test_asks_three_times_more_before_it_gives_up(self, walk, claims):
        for _ in range(3):
            walk.wait()

        assert walk.resent == [walk.sent[0].id] * 3
        assert walk.now == START + timedelta(seconds=90)
        assert outcome(claims)[0] == "requested"

        walk.wait()

        assert walk.asked == ["reserve-packs", "release-packs"]
        walk.hear(RELEASED)
        assert outcome(claims) == ("rejected", "timed-out")

    def test_gives_both_back_when_payments_keeps_silent(self, walk, claims):
        walk.hear(RESERVED, reservation_id=an_id("rsv"))
        for _ in range(15):
            walk.wait()

        assert walk.now == START + timedelta(minutes=15)
        assert walk.asked == ["reserve-packs", "place-hold", "release-hold"]
        walk.hear(HOLD_RELEASED).hear(RELEASED)
        assert walk.asked[-1] == "release-packs"
        assert outcome(claims) == ("rejected", "timed-out")

    def test_takes_back_a_reservation_that_comes_too_late(self, walk, claims):
        for _ in range(4):
            walk.wait()
        walk.hear(RELEASED)
        first = walk.sent[-1].id

        walk.hear(RESERVED, reservation_id=an_id("rsv"))

        assert walk.asked == ["reserve-packs", "release-packs", "release-packs"]
        assert walk.sent[-1].id != first
        walk.hear(RELEASED)
        assert outcome(claims) == ("rejected", "timed-out")
        assert (walk.endings, claims.writes) == (["failed"], 1)

    def test_hears_every_answer_once(self, walk, claims):
        for _ in range(3):
            walk.hear(RESERVED, reservation_id=an_id("rsv"))
        for _ in range(3):
            walk.hear(HELD)
        walk.hear(HOLD_REFUSED, code="not-enough-funds").hear(RELEASED)

        assert walk.asked == ["reserve-packs", "place-hold"]
        assert outcome(claims) == ("confirmed", an_id("rsv"))
        assert claims.writes == 1

    def test_names_its_commands_after_itself(self, claims):
        plan = claim_plan(a_docket(claims), FakeClock(NOW))

        first, again = (Walk(plan, DATA, an_id("sag")).sent[0] for _ in range(2))

        assert first.id == again.id
        assert first.id != Walk(plan, DATA, an_id("sag", 2)).sent[0].id


class TestClaimReturn:
    def test_asks_until_both_are_given_back(self):
        walk = Walk(claim_return_plan(), DATA | {"reason": "claim-cancelled"}, an_id("sag"))
        for _ in range(40):
            walk.wait()

        walk.hear(RELEASED)
        walk.hear(HOLD_RELEASED)

        assert walk.asked == ["release-packs", "release-hold"]
        assert {message.reason for message in walk.sent} == {"claim-cancelled"}
        assert walk.endings == ["completed"]
