"""A payout whose provider tells no more: a person rules, the books follow, and it is kept."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from chassis.kernel.time import system_clock
from chassis.mongo import collection
from services.payments.app import reconciler_of
from teahouse.commands import operations
from tests.builders.payments import HOST, an_id
from tests.fakes.stripe import KEY, WEBHOOK_SECRET, FakeStripe, served
from tests.integration.payments.house import House, earn
from tests.tokens import bearer

PLATFORM = ("org_platform", "platform")
OWED, DAY, INTERNAL = 180_000, timedelta(days=1), 8204
SAID = {"reason": "Stripe says that it never came", "evidence": "case 4711"}


class Stage:
    """A payout that Stripe never heard of, until it was too late to send it again."""

    def __init__(self, house, stripe):
        self.house, self.stripe = house, stripe

    def make_it_too_late(self):
        self.stripe.faults = ["unheard"]
        self.house.pay_out()
        for _ in range(2):
            self.house.advance(DAY)
            self.house.janitor.run()
        self.house.work()

    def own(self):
        (found,) = self.house.ask("GET", "/provider-operations?alarmed=true", *PLATFORM).json[
            "items"
        ]
        return found["id"]

    def read(self, own):
        return self.house.ask("GET", f"/provider-operations/{own}", *PLATFORM).json

    def rule(self, own, end, **changes):
        body = SAID | {"outcome": end} | changes
        answer = self.house.ask("POST", f"/provider-operations/{own}/rulings", *PLATFORM, body)
        self.house.work()
        return answer

    def payout(self):
        return self.house.ask("GET", "/payouts", *PLATFORM).json["items"][0]["state"]

    def left(self):
        return self.house.balance(f"org:{HOST}:available")


@pytest.fixture
def stage(database):
    stripe = FakeStripe(lambda: None)
    with served(stripe) as base:
        secrets = {"stripe_key": KEY, "stripe_webhook_secret": WEBHOOK_SECRET}
        knobs = secrets | {"stripe_api_base": base, "api_internal_port": INTERNAL}
        made = House(database, payout_provider="stripe", **knobs)
        stripe.clock = made.clock
        earn(made)
        body = {"holder": "Host & Co", "account": stripe.open_account()}
        made.ask("POST", "/payout-destinations", HOST, "host", body)
        made.janitor.run()
        found = Stage(made, stripe)
        found.make_it_too_late()
        yield found
        made.ledger.close()


def test_that_it_failed_frees_the_money_and_leaves_the_account(stage):
    own = stage.own()
    before = (
        stage.payout(),
        stage.house.ask("GET", f"/provider-operations/{own}", *PLATFORM).json,
    )

    ruled = stage.rule(own, "failed")

    (named,) = stage.house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
    assert (before[0], before[1]["alarm"]) == ("in-transit", "too-late-to-send-again")
    assert ruled.status_code == 201
    assert (ruled.json["state"], ruled.json["code"], ruled.json["alarm"]) == (
        "failed",
        "ruled-failed",
        "",
    )
    assert (stage.payout(), stage.left(), named["state"]) == ("failed", OWED, "active")
    assert {row["sum"]["minor"] for row in stage.house.trial()["currencies"]} == {0}


def test_that_it_was_done_books_it_as_paid(stage):
    stage.rule(stage.own(), "succeeded")

    assert (stage.payout(), stage.left()) == ("paid", 0)


def test_is_kept_with_who_said_it_why_and_where_it_can_be_seen(stage):
    own = stage.own()

    stage.rule(own, "failed")

    kept = stage.house.ask("GET", f"/provider-operations/{own}", *PLATFORM).json["ruling"]
    history = collection("history").find_one(
        {"_id": re.compile(f"^{own}"), "reason": "post_ruling"}
    )
    assert (kept["outcome"], kept["reason"], kept["evidence"]) == (
        "failed",
        SAID["reason"],
        SAID["evidence"],
    )
    assert history["actor"] == kept["by"] != ""
    assert history["after"]["ruling"]["evidence"] == SAID["evidence"]


def test_again_changes_nothing_and_another_one_is_refused(stage):
    own = stage.own()
    first = stage.rule(own, "failed")

    again = stage.rule(own, "failed")
    other = stage.rule(own, "succeeded")

    assert (again.status_code, again.json["ruling"]) == (201, first.json["ruling"])
    assert (other.status_code, other.json["code"]) == (409, "operation-not-stuck")
    assert (stage.payout(), stage.left()) == ("failed", OWED)


@pytest.mark.parametrize(
    "changes", [{"reason": ""}, {"evidence": ""}, {"outcome": "unknown"}, {"by": "somebody else"}]
)
def test_without_a_reason_evidence_or_an_end_is_refused(stage, changes):
    refused = stage.rule(stage.own(), "failed", **changes)

    assert refused.status_code == 400
    assert stage.payout() == "in-transit"


def test_of_an_operation_that_nobody_knows_is_refused(stage):
    assert stage.rule(an_id("opn"), "failed").json["code"] == "operation-not-found"


def test_that_turns_out_wrong_is_a_break_and_an_alarm(stage):
    own = stage.own()
    stage.rule(own, "failed")
    account = next(iter(stage.stripe.accounts))
    fields = {"amount": str(OWED), "currency": "cny", "destination": account}
    stage.stripe.answer(
        "POST", "/v1/transfers", fields | {"metadata": {"operation": own, "kind": "payout"}}
    )

    (transfer,) = stage.stripe.transfers.values()

    reconciler_of(stage.house.counter.desk, stage.house.clock).run()
    headers, body = stage.stripe.event("transfer.created", transfer, at=system_clock())
    stage.house.client.post(
        "/v1/providers/stripe/webhooks",
        data=body,
        headers=headers,
        content_type="application/json",
    )
    stage.house.work()

    (line,) = stage.house.ask("GET", "/reconciliations?provider=stripe", *PLATFORM).json["items"]
    operation = stage.read(own)
    assert (line["kind"], line["standing"]) == ("paid-after-refusal", "open")
    assert (operation["state"], operation["alarm"]) == ("failed", "ruled-otherwise")
    assert (stage.payout(), stage.left()) == ("failed", OWED)


class Client:
    """Payments' internal port, as the command line's client sees it."""

    def __init__(self, house):
        self.house = house

    def get(self, path):
        return self._sent("GET", path)

    def post(self, path, body):
        return self._sent("POST", path, json=body)

    def _sent(self, method, path, **more):
        token = self.house.keys.service("payments", "payments")
        port = {"SERVER_PORT": str(INTERNAL)}
        answer = self.house.client.open(
            path, method=method, headers=bearer(token), environ_overrides=port, **more
        )
        return SimpleNamespace(
            status_code=answer.status_code, text=answer.text, json=answer.get_json
        )


def test_by_the_command_line_is_the_same(stage, monkeypatch):
    monkeypatch.setattr(operations, "_client", lambda _var: Client(stage.house))
    words = ["--why", SAID["reason"], "--evidence", SAID["evidence"], "--json"]
    own, run = stage.own(), CliRunner().invoke

    seen = run(operations.app, ["stuck", "--json"])
    ruled = [run(operations.app, ["failed", own, *words]) for _ in range(2)]
    other = run(operations.app, ["done", own, *words])
    stage.house.work()

    assert own in seen.stdout
    assert [each.exit_code for each in ruled] == [0, 0]
    assert json.loads(ruled[0].stdout)["ruling"]["by"].startswith("operator:")
    assert isinstance(other.exception, operations.RulingRefused)
    assert (stage.payout(), stage.left()) == ("failed", OWED)
