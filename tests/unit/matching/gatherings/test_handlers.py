"""The sagas of a gathering: its slot, its settlement, its cancellation."""

import pytest

from chassis.testing.clock import FakeClock
from services.matching.claims.domain import Status as ClaimStatus
from services.matching.gatherings.domain import Status
from services.matching.gatherings.handlers import (
    booking_plan,
    cancellation_plan,
    settlement_plan,
)
from tests.builders.matching import HOST, NOW, a_claim, a_gathering, an_id
from tests.unit.matching.fakes import FakeBehaviour, FakeClaims, FakeGatherings
from tests.unit.matching.sagas import Walk

BOOKED = "catalog.reply.slot-booked.v1"
TAKEN = "catalog.reply.slot-refused.v1"
SLOT_RELEASED = "catalog.reply.slot-released.v1"
PACKS_RELEASED = "catalog.reply.packs-released.v1"
SETTLED = "payments.reply.gathering-settled.v1"
CANCELLED = "payments.reply.gathering-cancelled.v1"
GATHERING = an_id("gth")
WHOLE = {
    "gathering_id": GATHERING,
    "claim_id": an_id("clm"),
    "lot_id": an_id("lot"),
    "offer_id": an_id("off"),
    "host_id": HOST,
    "venue_id": an_id("ven"),
    "slot_id": an_id("slt"),
    "people": 20,
    "reason": "gathering-cancelled",
}
SHARED = {
    "gathering_id": GATHERING,
    "claim_id": an_id("clm"),
    "offer_id": an_id("off"),
    "parties": {"host": [HOST], "platform": ["platform"]},
    "checked_in": 16,
    "min_checked_in": 12,
    "naming_rights_id": None,
}


@pytest.fixture
def claims():
    return FakeClaims(a_claim(gathering_id=GATHERING))


class TestBooking:
    def walk(self, gatherings, claims):
        return Walk(booking_plan(gatherings, claims, FakeClock(NOW)), WHOLE, an_id("sag"))

    def test_opens_the_gathering(self, claims):
        gatherings = FakeGatherings(a_gathering(status=Status.PLANNED))

        walk = self.walk(gatherings, claims).hear(BOOKED).hear(BOOKED)

        (asked,) = walk.sent
        assert (asked.key, asked.people) == (an_id("ven"), 20)
        assert gatherings.told == ["matching.gathering.opened.v1"]

    def test_says_why_the_slot_was_refused(self, claims):
        gatherings = FakeGatherings(a_gathering(status=Status.PLANNED))

        self.walk(gatherings, claims).hear(TAKEN, code="slot-taken", detail="by another")

        refused = gatherings.get(GATHERING)
        assert (refused.status, refused.refusal_code) == (Status.REFUSED, "slot-taken")
        assert claims.get(an_id("clm")).gathering_id is None

    def test_gives_up_a_slot_that_nobody_answers_for(self, claims):
        gatherings = FakeGatherings(a_gathering(status=Status.PLANNED))
        walk = self.walk(gatherings, claims)
        for _ in range(4):
            walk.wait()

        walk.hear(SLOT_RELEASED)

        assert walk.asked == ["book-slot", "release-slot"]
        assert gatherings.get(GATHERING).refusal_code == "timed-out"


class TestSettlement:
    def test_waits_as_long_as_it_takes(self, claims):
        gatherings = FakeGatherings(a_gathering(status=Status.APPROVED))
        plan = settlement_plan(gatherings, claims, FakeBehaviour(), FakeClock(NOW))
        walk = Walk(plan, SHARED, an_id("sag"))
        for _ in range(50):
            walk.wait()

        walk.hear(SETTLED, settlement_id=an_id("stl")).hear(SETTLED, settlement_id=an_id("stl"))

        (asked,) = walk.sent
        assert (asked.key, asked.parties) == (an_id("off"), SHARED["parties"])
        assert set(walk.resent) == {asked.id}
        assert gatherings.get(GATHERING).settlement_id == an_id("stl")
        assert claims.get(an_id("clm")).status is ClaimStatus.SETTLED
        assert gatherings.writes == claims.writes == 1


class TestCancellation:
    def test_frees_slot_packs_and_money_in_turn(self):
        walk = Walk(cancellation_plan(), WHOLE, an_id("sag"))

        for reply in (SLOT_RELEASED, PACKS_RELEASED, CANCELLED):
            walk.wait().hear(reply)

        assert walk.asked == ["release-slot", "release-packs", "cancel-gathering"]
        assert walk.endings == ["completed"]
