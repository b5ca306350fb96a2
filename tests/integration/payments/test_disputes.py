"""Disputes on a real database and the real books, told by the sandbox's bank and by Stripe."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import collection
from services.payments.ledger.domain import transfer
from services.payments.payouts.repositories import ProjectedPurses
from services.payments.stripe.adapters import Account, StripeProvider
from tests.builders.payments import AUTHOR, BRAND, HOST, VENUE, an_id
from tests.fakes.stripe import KEY, WEBHOOK_SECRET, FakeStripe, served
from tests.integration.payments.house import House, an_evening, money, settle

PLATFORM = ("org_platform", "platform")
PARTIES = (BRAND, HOST, VENUE, AUTHOR)
ALL = "external:provider", "platform:fees", "platform:debt"


class Stage:
    """A settled evening, and the sandbox's bank."""

    def __init__(self, house, evening):
        self.house, self.evening, (self.sale, *_) = house, evening, evening["sales"]

    def open(self, minor=31_250, fee=0, **more):
        said = {"sale_id": self.sale, "amount": money(minor), "fee": money(fee)} | more
        answer = self.house.ask("POST", "/sandbox/disputes", *PLATFORM, said)
        assert answer.status_code == 201, answer.json
        self.hear()
        return answer.json["reference"]

    def rule(self, reference, outcome, **more):
        path = f"/sandbox/disputes/{reference}/rulings"
        answer = self.house.ask("POST", path, *PLATFORM, {"outcome": outcome} | more)
        assert answer.status_code == 200, answer.json
        self.hear()

    def hear(self):
        """Messages arrive, the bank is asked, and what follows is booked."""
        self.house.post()
        self.house.watcher.run()
        self.house.work()

    def disputes(self, who=PLATFORM):
        return self.house.ask("GET", "/disputes", *who).json["items"]

    def only(self):
        (found,) = self.disputes()
        return found

    def books(self):
        paths = [*ALL, *(f"org:{who}:{kind}" for who in PARTIES for kind in ("pending", "debt"))]
        return {path: self.house.balance(path) for path in paths}

    def free(self, path):
        (row,) = self.house.ask("GET", f"/accounts/{path}", *PLATFORM).json["balances"]
        return row["available"]["minor"]

    def refund(self, minor):
        self.house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=self.evening["gathering"],
            sale_id=self.sale,
            refund_id=an_id("rfd"),
            amount=money(minor),
        )
        self.house.work()


@pytest.fixture
def stage(house, evening):
    settle(house, evening)
    return Stage(house, evening)


class TestADispute:
    def test_is_held_of_every_share_and_won_brings_all_of_it_back(self, stage):
        before, brand = stage.books(), f"org:{BRAND}:pending"
        reference = stage.open()
        assert stage.free(brand) == before[brand] - 18_750
        assert stage.only()["state"] == "held"

        stage.rule(reference, "won")

        assert stage.books() == before
        assert stage.free(brand) == before[brand]
        assert stage.only()["state"] == "won"

    def test_lost_takes_of_every_share_what_a_refund_would_and_the_fee_of_the_platform(
        self, stage
    ):
        before = stage.books()
        reference = stage.open(fee=1_500)

        stage.rule(reference, "lost")

        assert {row["sum"]["minor"] for row in stage.house.trial()["currencies"]} == {0}
        after = stage.books()
        took = {path: after[path] - before[path] for path in after if after[path] != before[path]}
        assert took[f"org:{BRAND}:pending"] == -18_750
        assert took[f"org:{HOST}:pending"] == -6_250
        assert took[f"org:{VENUE}:pending"] == -2_500
        assert took["external:provider"] == 31_250 + 1_500
        assert stage.only()["fee"] == money(1_500)

    def test_lost_is_explained_on_the_statement_of_each_share(self, stage):
        stage.rule(stage.open(), "lost")

        path = f"/statements?account=org:{HOST}:pending&from=2000-01-01T00:00:00Z"
        said = stage.house.ask("GET", f"{path}&to=2100-01-01T00:00:00Z", HOST, "host").json
        line = said["lines"][-1]
        assert (line["amount"]["minor"], line["code"]) == (-6_250, "dispute-lost")
        assert line["why"]["en"].startswith("Dispute, share of the host")
        assert line["why"]["zh"].startswith("退单")
        assert line["about"]["sale_id"] == stage.sale
        assert line["about"]["refund_id"] == stage.only()["chargeback_id"]

    @pytest.mark.parametrize("fault", ["duplicates", "out-of-order", "lost"])
    def test_ends_the_same_whatever_becomes_of_its_messages(self, stage, fault):
        reference = stage.open(fault=fault)
        stage.rule(reference, "lost", fault="duplicates")
        once = stage.books()

        stage.house.advance(timedelta(days=2))
        stage.hear()

        assert stage.only()["state"] == "lost"
        assert stage.books() == once

    def test_whose_ruling_is_never_told_is_asked_about(self, stage):
        reference = stage.open()
        stage.rule(reference, "won", fault="lost")
        assert stage.only()["state"] == "held"

        stage.house.advance(timedelta(days=1, minutes=1))
        stage.hear()

        assert stage.only()["state"] == "won"

    def test_keeps_what_is_disputed_from_being_refunded_as_well(self, stage):
        stage.open(30_000)

        stage.refund(5_000)
        stage.refund(1_250)

        assert stage.house.replies()[-2:] == ["refund-refused", "sale-refunded"]

    def test_after_payout_is_owed_and_paid_of_what_comes_next(self, house):
        first = an_evening(house)
        settle(house, first)
        house.end_returns()
        house.release()
        path = f"org:{BRAND}:available"
        gone = transfer(
            an_id("ent"), path, "external:provider", Money(house.balance(path), "CNY"), "payout"
        )
        house.ledger.submit([gone])[0].or_raise()
        house.work()
        stage = Stage(house, first)

        reference = stage.open()
        house.projector.run()
        assert ProjectedPurses().of(BRAND, "CNY").owed.minor == 18_750
        assert house.balance(f"org:{BRAND}:debt") == 0
        stage.rule(reference, "lost")

        assert house.balance(f"org:{BRAND}:debt") == -18_750
        assert house.balance(f"org:{HOST}:debt") == 0
        settle(house, an_evening(house))
        house.end_returns()
        house.release()
        house.recover()
        assert house.balance(f"org:{BRAND}:debt") == 0
        assert house.balance(path) == 300_000 - 18_750

    def test_whose_cost_the_platform_lacks_is_paid_of_its_next_fees(self, house):
        stage = Stage(house, an_evening(house))
        stage.rule(stage.open(31_250, fee=1_500), "lost")
        assert house.recover() == 0
        assert (house.balance("platform:debt"), house.balance("platform:fees")) == (-1_500, 0)
        settle(house, stage.evening)
        fees = house.balance("platform:fees")

        assert [house.recover() for _ in range(3)] == [1, 0, 0]

        assert house.balance("platform:debt") == 0
        assert house.balance("platform:fees") == fees - 1_500 > 0

    def test_is_told_when_it_is_held_and_when_it_ends(self, stage):
        stage.rule(stage.open(), "won")

        rows = collection("outbox").find({"topic": "teahouse.payments.dispute"}).sort("place", 1)
        assert [row["type"] for row in rows] == [
            "payments.dispute.opened.v1",
            "payments.dispute.ended.v1",
        ]


class TestEvidence:
    def hand_in(self, stage, who, kind, text="She was there"):
        body = {"text": text, "links": ["https://example.org/photo"], "codes": ["T-1"]}
        path = f"/disputes/{stage.only()['id']}/evidence"
        return stage.house.ask("POST", path, who, kind, body)

    def test_of_the_parties_is_sent_to_the_bank_once_by_the_operator(self, stage):
        reference = stage.open()
        assert self.hand_in(stage, HOST, "host").status_code == 201
        assert self.hand_in(stage, BRAND, "brand", "Goods went out").status_code == 201
        path = f"/disputes/{stage.only()['id']}/submissions"

        for _ in range(2):
            assert stage.house.ask("POST", path, *PLATFORM).status_code == 202
            stage.hear()
        stage.hear()

        case = collection("sandbox_disputes").find_one({"_id": reference})
        assert "She was there" in case["evidence"]
        assert "https://example.org/photo" in case["evidence"]
        assert "Codes: T-1" in case["evidence"]
        assert "Goods went out" in case["evidence"]
        stage.house.advance(timedelta(days=1, minutes=1))
        stage.hear()
        assert stage.only()["stage"] == "under-review"
        late = self.hand_in(stage, HOST, "host", "And more")
        assert (late.status_code, late.json["code"]) == (422, "evidence-too-late")

    def test_is_refused_after_it_was_due(self, stage):
        stage.open(evidence_days=1)
        stage.house.advance(timedelta(days=1, minutes=1))

        late = self.hand_in(stage, HOST, "host")

        assert late.json["code"] == "evidence-too-late"

    def test_must_be_there_before_it_is_sent(self, stage):
        stage.open()

        refused = stage.house.ask("POST", f"/disputes/{stage.only()['id']}/submissions", *PLATFORM)

        assert refused.json["code"] == "no-evidence"

    def test_and_the_dispute_are_nobody_else_s_to_see(self, stage):
        stage.open()
        stranger = an_id("org")

        assert stage.disputes((stranger, "host")) == []
        path = f"/disputes/{stage.only()['id']}"
        assert stage.house.ask("GET", path, stranger, "host").json["code"] == "dispute-not-found"
        assert self.hand_in(stage, stranger, "brand").json["code"] == "dispute-not-found"
        assert stage.disputes((HOST, "host"))[0]["reason"] == "product-not-received"

    def test_of_a_dispute_from_before_the_settlement_can_be_given_after_it(self, house, evening):
        stage = Stage(house, evening)
        stage.open()
        assert stage.disputes((HOST, "host")) == []
        settle(house, evening)

        house.advance(timedelta(hours=1, minutes=1))
        stage.hear()

        assert len(stage.disputes((HOST, "host"))) == 1


class TestAtStripe:
    @pytest.fixture
    def stripe(self, database):
        fake = FakeStripe(system_clock)
        with served(fake) as base:
            secrets = {"stripe_key": KEY, "stripe_webhook_secret": WEBHOOK_SECRET}
            house = House(database, stripe_api_base=base, **secrets)
            evening = an_evening(house)
            settle(house, evening)
            yield fake, Stage(house, evening), base
            house.ledger.close()

    def knock(self, fake, stage, own, kind="created"):
        headers, body = fake.event(
            f"charge.dispute.{kind}", {"id": own, "object": "dispute"}, at=system_clock()
        )
        answer = stage.house.client.post(
            "/v1/providers/stripe/webhooks",
            data=body,
            headers=headers,
            content_type="application/json",
        )
        assert answer.status_code == 200, answer.json
        stage.hear()

    def test_is_found_by_the_sale_that_its_charge_names(self, stripe):
        fake, stage, _ = stripe
        before = stage.books()
        own = fake.dispute(31_250, stage.sale)

        self.knock(fake, stage, own)
        assert (stage.only()["state"], stage.only()["fee"]) == ("held", money(1_500))
        fake.disputes[own]["status"] = "lost"
        self.knock(fake, stage, own, "closed")
        self.knock(fake, stage, own, "created")

        after = stage.books()
        assert stage.only()["state"] == "lost"
        assert after["external:provider"] - before["external:provider"] == 31_250 + 1_500

    def test_gets_the_evidence_and_waits_for_the_ruling(self, stripe):
        fake, stage, _ = stripe
        own = fake.dispute(31_250, stage.sale)
        self.knock(fake, stage, own)
        TestEvidence().hand_in(stage, HOST, "host")

        stage.house.ask("POST", f"/disputes/{stage.only()['id']}/submissions", *PLATFORM)
        stage.hear()

        assert fake.disputes[own]["status"] == "under_review"
        assert "She was there" in fake.disputes[own]["evidence"]["uncategorized_text"]

    @pytest.mark.parametrize("status", ["warning_needs_response", "warning_closed", "prevented"])
    def test_that_takes_nothing_holds_nothing(self, stripe, status):
        fake, stage, _ = stripe

        self.knock(fake, stage, fake.dispute(31_250, stage.sale, status=status))

        assert stage.disputes() == []

    def test_of_a_charge_that_is_no_sale_of_ours_is_not_ours(self, stripe):
        fake, stage, _ = stripe

        self.knock(fake, stage, fake.dispute(31_250, None))

        assert stage.disputes() == []

    def test_is_asked_about_again_when_stripe_does_not_answer(self, stripe):
        _, _, base = stripe
        account = Account(key="wrong", webhook_secret=WEBHOOK_SECRET)

        with pytest.raises(ConnectionError):
            StripeProvider(account, base=base).read_dispute("du_1")
