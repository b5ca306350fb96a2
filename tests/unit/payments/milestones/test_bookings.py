"""What milestones book beside a settlement, as it was simulated, and how that is explained."""

from __future__ import annotations

import pytest

from services.payments.contracts.domain import simulate
from services.payments.settlements.use_cases import (
    SettleGathering,
    book_settling,
    plan_settling,
    record_settling,
)
from sharing.dividing import Heads
from tests.builders.payments import NOW, PARTIES, an_id
from tests.unit.payments.corrections.evenings import carry_out, decide, files_of
from tests.unit.payments.milestones.evenings import SUBSIDY, Evening

REST = 60_000


@pytest.fixture
def evening():
    found = Evening()
    found.open()
    return found


class TestSettlement:
    def settle(self, evening, came=16):
        kept = evening.kept
        kept.sales.close(evening.gathering)
        command = SettleGathering(
            message_id=an_id("msg"),
            saga_id=an_id("sag"),
            gathering_id=evening.gathering,
            claim_id=evening.escrow.id,
            parties=PARTIES,
            checked_in=came,
            min_checked_in=12,
        )
        planned = plan_settling(command, books=kept, now=NOW)
        book_settling(planned, books=kept)
        record_settling(planned, books=kept, now=NOW)
        return planned

    @pytest.mark.parametrize("days", [0, 3], ids=["before", "after"])
    def test_leaves_the_subsidy_to_the_milestones_whichever_comes_first(self, evening, days):
        evening.hold()
        evening.wait(days)

        settled = self.settle(evening)
        evening.wait(3)

        assert settled.subsidy_paid.minor == 0
        assert evening.books == (0, SUBSIDY, 0)

    def test_corrected_takes_back_of_every_milestone_what_it_paid_beyond(self, evening):
        evening.wait(3)
        evening.hold()
        evening.wait(3)
        settled = self.settle(evening)
        files = files_of(evening.kept)

        for _ in range(2):
            decide(files, settled.id, 9)
            carry_out(files, evening.kept.ledger)
        assert evening.books == (0, SUBSIDY // 2, SUBSIDY // 2)
        decide(files, settled.id, 0)
        carry_out(files, evening.kept.ledger)

        assert evening.books == (0, 0, SUBSIDY)

    def test_corrected_lessens_what_is_released_later(self, evening):
        evening.hold()
        settled = self.settle(evening)

        decide(files_of(evening.kept), settled.id, 9)
        evening.wait(3)

        assert evening.books == (0, SUBSIDY // 2, SUBSIDY // 2)


class TestSimulation:
    @pytest.mark.parametrize("came", [7, 9, 16])
    def test_shows_what_is_booked_milestone_by_milestone(self, evening, came):
        told = simulate(
            evening.schedule.terms,
            sales=[],
            refunds=[],
            heads=Heads(came, 12),
            present=PARTIES,
            subsidy=SUBSIDY,
        )
        evening.hold(came)
        evening.wait(3)

        booked = [evening.schedule.entry(each) for each in evening.schedule.milestones]
        legs = [leg.minor for entry in booked for leg in entry.legs]
        assert [line.minor for line in told.subsidy] == legs
        assert {line.why.path for line in told.subsidy} <= {
            ("subsidy", "advance"),
            ("subsidy", "evening"),
        }
        assert all("if it is proven" in line.why.en for line in told.subsidy)
        assert all("若经证明" in line.why.zh for line in told.subsidy)


class TestExplanation:
    def test_says_of_each_leg_which_milestone_and_how_it_ended(self, evening):
        evening.hold(9)
        evening.wait(3)

        entry = evening.schedule.entry(evening.schedule.milestone("evening"))

        legs = zip(entry.legs, entry.reason["legs"], strict=True)
        told = [(leg.minor, why["en"]) for leg, why in legs]
        ended = "the evening: proven, and nobody objected in time; 9 checked in, 50 % from 8 on"
        assert told == [
            (-REST, f"Subsidy decided, {ended}"),
            (REST // 2, f"Subsidy earned, {ended}"),
            (REST // 2, f"Subsidy returned, {ended}"),
        ]
        assert entry.reason["legs"][1]["zh"] == (
            "获得补贴，活动举办：已证明，期限内无人异议；签到 9 人，满 8 人得 50 %"
        )
