"""What hosts charge brands of subsidies: what bands, milestones and corrections leave of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from chassis.kernel.ids import derived_id
from services.payments.ledger.domain import Leg, plain
from tests.builders.payments import BRAND, HOST, an_id
from tests.integration.payments.house import an_evening, settle
from tests.integration.payments.invoices.month import by_pair
from tests.integration.payments.test_corrections import correct
from tests.integration.payments.test_milestones import Evening

DAY = timedelta(days=1)
HALF_FROM_EIGHT = {"bands": [{"heads": 8, "points": 5_000}, {"heads": 20, "points": 10_000}]}


@pytest.fixture
def evening(month):
    return an_evening(month)


def agree(month, evening, subsidy):
    """Let brand and host agree on what is earned of the claim's subsidy."""
    path = f"/share-contracts/{derived_id('ctr', evening['claim'])}"
    terms = month.ask("GET", path, BRAND, "brand").json["versions"][0]["terms"]
    body = {"contract": terms | {"subsidy": subsidy}}
    drafted = month.ask("POST", f"{path}/versions", BRAND, "brand", body).json
    digest = {"digest": drafted["versions"][-1]["digest"]}
    for who, kind in ((BRAND, "brand"), (HOST, "host")):
        month.ask("POST", f"{path}/signatures", who, kind, digest)
    assert month.ask("POST", f"{path}/publications", HOST, "host").json["in_force"] == 2


def charged(month):
    """What the host charged the brand, month by month."""
    totals = Counter()
    for one in month.invoices():
        if (one["issuer"]["organization_id"], one["recipient"]["organization_id"]) == (
            HOST,
            BRAND,
        ):
            totals[one["period"]] += one["total"]["minor"]
    return totals


class TestBands:
    def test_charge_what_was_earned_and_not_what_was_held(self, month, evening):
        agree(month, evening, HALF_FROM_EIGHT)
        settle(month, evening)
        month.end()

        assert by_pair(month.invoices())[HOST, BRAND]["total"]["minor"] == 40_000


class TestCorrection:
    def test_is_credited_to_the_brand_in_the_month_it_is_made(self, month, evening):
        settle(month, evening)
        month.end()
        correct(month, evening, 11)
        month.end()

        assert charged(month) == {"2026-03": 80_000, "2026-05": -80_000}

    def test_in_the_same_month_leaves_what_stands(self, month, evening):
        agree(month, evening, HALF_FROM_EIGHT)
        settle(month, evening)
        correct(month, evening, 7)
        month.end()

        assert charged(month) == {"2026-03": 0}


class TestMilestones:
    def test_charge_what_each_paid(self, month, evening):
        opened = Evening(month, evening)
        opened.hold(9)
        opened.wait(4 * DAY)
        month.end()

        assert opened.books[1] == 40_000
        assert charged(month) == {"2026-03": 40_000}

    def test_of_a_gathering_that_is_called_off_are_credited(self, month, evening):
        opened = Evening(month, evening)
        opened.wait(4 * DAY)
        month.end()
        opened.tell("cancelled", claim_id=opened.claim, host_id=HOST)
        opened.wait(DAY)
        month.end()

        assert opened.books[1] == 0
        assert charged(month) == {"2026-03": 20_000, "2026-05": -20_000}


def test_nothing_is_charged_by_an_entry_that_only_bears_such_a_code(month, evening):
    opened = Evening(month, evening)
    opened.hold(9)
    opened.wait(4 * DAY)
    fund = f"offer:{evening['offer']}:fund"
    legs = [Leg("external:provider", -5, "CNY"), Leg(fund, 5, "CNY")]
    about = {"claim_id": evening["claim"], "milestone_id": opened.read("evening")["id"]}
    for code in ("milestone", "subsidy-returned"):
        entry = plain(an_id("ent"), legs, code, about, reference=about["milestone_id"])
        month.ledger.submit([entry])[0].or_raise()
    month.projector.run()
    month.end()

    assert charged(month) == {"2026-03": 40_000}
