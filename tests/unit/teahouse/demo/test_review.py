from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from teahouse.demo.journey.casting import REGULAR
from teahouse.demo.journey.claiming import Claimed, Wish
from teahouse.demo.journey.plans import Ending, Plan
from teahouse.demo.journey.play import Played
from teahouse.demo.journey.refusing import Contest
from teahouse.demo.journey.stories import HAIR, HAIR_SHARES, NAMING_EACH_MINOR, STORIES, Basket
from teahouse.demo.journey.town import Brand, Host, Slot, Theme, Town
from teahouse.demo.review import (
    Evidence,
    accounts_of,
    expected_outcomes,
    paid_by_role,
    refunds_of,
    review,
)

PLAYERS = {
    "brand": "org_Hairpin",
    "host": "org_tea",
    "co_host": "org_sewing",
    "venue": "org_venue",
    "author": "org_author",
    "platform": "platform",
}


def party(name: str) -> SimpleNamespace:
    return SimpleNamespace(id=f"org_{name}", name=name, kind="")


def a_brand(name: str = "Hairpin") -> Brand:
    brand = Brand(party(name), Path("x.csv"), "utf-8", lots_expected=3)
    brand.lots, brand.subsidy_fen, brand.deposited_fen = 3, 80_000, 800_000
    return brand


def a_claim(number: int, outcome: str = "confirmed", *, stored: bool = True) -> Claimed:
    wish = Wish(Host(party("tea"), []), "com_1", "lot_1", "off_1", "org_Hairpin", 1)
    return Claimed(wish, f"clm_{number}" if stored else "", outcome, 0.1)


def a_settlement(takings: int, subsidy: int) -> dict:
    return {
        "id": "stl_1",
        "takings": {"minor": takings},
        "subsidy_paid": {"minor": subsidy},
        "shares": [{"amount": {"minor": takings}}],
    }


def the_hair_evening(brand: Brand) -> Plan:
    plan = Plan(
        title=HAIR.what,
        claimed=a_claim(1),
        brand=brand,
        host=Host(party("tea"), []),
        slot=Slot("ven_1", "slt_1", "org_venue", 0),
        theme=Theme("crt_1", "sha256:1", "org_author"),
        baskets=HAIR.baskets,
        min_checked_in=12,
        co_host=Host(party("sewing"), []),
        naming_rights_id="nam_1",
        story=HAIR,
    )
    plan.id, plan.status, plan.settled_by, plan.checked_in = "gth_1", "settled", "brand", 16
    plan.sales = [(f"sal_{n}", basket.fen) for n, basket in enumerate(HAIR.baskets)]
    plan.units_sold = 16
    plan.settlement = a_settlement(500_000, 80_000)
    return plan


def lines_of(shares: dict[str, int]) -> list[dict]:
    paid = [
        {"role": role, "organization_id": PLAYERS[role], "minor": minor}
        for role, minor in shares.items()
    ]
    return [*paid, {"role": "", "organization_id": "", "minor": -sum(shares.values())}]


def a_played_evening() -> tuple[Played, Evidence]:
    """One evening that went right in every respect, as small as it can be."""
    brand = a_brand()
    town = Town(party("platform"))
    town.brands = [brand]
    town.hosts = [Host(party("tea"), []), Host(party("sewing"), [])]
    town.venues, town.authors = [party("venue")], [party("author")]
    played = Played(town, steady=[a_claim(1), a_claim(2)], plans=[the_hair_evening(brand)])
    played.refused_slot = "refused"
    played.tea_rights = SimpleNamespace(id="nam_1", brand=brand.party, price_fen=10_000_000)
    played.small_rights = SimpleNamespace(id="nam_2", brand=brand.party, price_fen=300_000)
    played.small_end = {"state": "ended", "earned": ["gth_2"]}
    earned = len(STORIES) + REGULAR
    evidence = Evidence(
        claims=[
            {"status": "settled", "refusal_code": None},
            {"status": "confirmed", "refusal_code": None},
        ],
        explanations={"stl_1": lines_of(HAIR_SHARES)},
        balances=dict.fromkeys(accounts_of(played), 0) | {"org:org_Hairpin:available": 200_000},
        provider_before=0,
        provider_after=-(800_000 + 10_300_000 + 500_000),
        scarce_lots=[],
        tea_rights={
            "earned": ["gth"] * earned,
            "earned_amount": {"minor": earned * NAMING_EACH_MINOR},
        },
        trial_balance_minor=0,
        chain_problems=[],
        segments=3,
        entries=9,
        head="ab",
    )
    return played, evidence


class TestReview:
    def test_finds_nothing_wrong_with_an_evening_that_went_right(self):
        findings = review(*a_played_evening())

        assert findings.wrong == []
        assert len(findings.all_checks) > 20
        assert findings.figures["settled_minor"] == sum(HAIR_SHARES.values())
        assert {earner.role: earner.minor for earner in findings.earners} == HAIR_SHARES

    def test_notices_a_fen_that_went_to_another(self):
        played, evidence = a_played_evening()
        shares = HAIR_SHARES | {
            "venue": HAIR_SHARES["venue"] + 1,
            "host": HAIR_SHARES["host"] - 1,
        }
        evidence.explanations["stl_1"][:] = lines_of(shares)

        findings = review(played, evidence)

        assert [check.about for check in findings.wrong] == [f"{HAIR.what}: every share, fen"]

    def test_notices_takings_that_were_not_shared_out(self):
        played, evidence = a_played_evening()
        evidence.balances["gathering:gth_1:takings"] = 1

        assert "left in them" in review(played, evidence).wrong[0].about

    def test_notices_a_claim_that_was_made_twice(self):
        played, evidence = a_played_evening()
        evidence.claims.append({"status": "confirmed", "refusal_code": None})

        (wrong,) = review(played, evidence).wrong
        assert (wrong.expected, wrong.actual) == (
            {"confirmed": 1, "settled": 1},
            {"confirmed": 2, "settled": 1},
        )

    def test_notices_a_lot_that_was_lost(self):
        played, evidence = a_played_evening()
        played.town.brands[0].lots = 2

        assert len(review(played, evidence).wrong) == 2

    def test_notices_a_chain_that_was_mended(self):
        played, evidence = a_played_evening()
        evidence.chain_problems.append("segment 2 does not follow segment 1")

        findings = review(played, evidence)

        assert findings.figures["ledger_chain_ok"] is False
        assert len(findings.wrong) == 1


class TestExpectedOutcomes:
    def test_counts_every_stored_claim_by_its_end(self):
        played, _ = a_played_evening()
        played.steady += [a_claim(3), a_claim(4)]
        played.given_up = [a_claim(3)]
        played.contests = [
            Contest("money", Counter(), [a_claim(5, "not-enough-funds"), a_claim(6)]),
            Contest("door", Counter(), [a_claim(7, "hosts-only", stored=False)]),
        ]
        cancelled = the_hair_evening(played.town.brands[0])
        cancelled.ending = Ending.CANCELLED
        played.plans.append(cancelled)

        assert expected_outcomes(played) == {
            "settled": 1,
            "cancelled": 2,
            "confirmed": 2,
            "not-enough-funds": 1,
        }


class TestPaidByRole:
    def test_adds_up_what_a_role_got_for_several_reasons(self):
        lines = [
            {"role": "host", "minor": 100},
            {"role": "host", "minor": 80},
            {"role": "", "minor": -180},
        ]

        assert paid_by_role(lines) == {"host": 180}


class TestRefundsOf:
    def test_counts_gatherings_of_which_something_came_back(self):
        brand = a_brand()
        before, after, nothing = (the_hair_evening(brand) for _ in range(3))
        before.back_before_fen, after.back_after_fen = 1, 1

        assert refunds_of([before, after, nothing]) == 2


class TestPlan:
    def test_owes_no_subsidy_when_too_few_came(self):
        plan = the_hair_evening(a_brand())
        plan.checked_in = 11

        assert plan.subsidy_due_fen == 0

    def test_shares_what_did_not_come_back_before(self):
        plan = the_hair_evening(a_brand())
        plan.baskets, plan.back_before_fen = (Basket(1, 1),), 31_250

        assert plan.takings_fen == 468_750
