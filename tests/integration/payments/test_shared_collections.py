"""A collection shared out at a provider through the whole service: plan, calls, messages, bill."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, collection
from chassis.settings import SettingsError
from services.payments.alipay.domain import SPLIT_MESSAGE
from services.payments.app import create_app, reconciler_of
from services.payments.providers.domain import (
    Collect,
    Kind,
    Share,
    State,
    Terms,
    intend,
    intend_plan,
    plan_split,
)
from services.payments.settings import PaymentsSettings
from tests.builders.houses import pem, public_pem, rsa_keys
from tests.builders.payments import an_id
from tests.builders.providers import CNY, a_receiver
from tests.fakes import alipay, wechat
from tests.integration.payments.house import House

PLATFORM = ("org_platform", "platform")
WHOLE = 100_000


def wechat_knobs(base="https://api.mch.weixin.qq.com"):
    ours, theirs = rsa_keys()
    return {
        "wechat_merchant": wechat.MERCHANT,
        "wechat_app": wechat.APP,
        "wechat_serial": wechat.OUR_SERIAL,
        "wechat_key": pem(ours),
        "wechat_public_keys": public_pem(theirs),
        "wechat_public_key_ids": wechat.THEIR_SERIAL,
        "wechat_notices_key": wechat.NOTICES_KEY.decode(),
        "wechat_api_base": base,
    }


def alipay_knobs(gateway="https://openapi.alipay.com/gateway.do"):
    ours, theirs = rsa_keys()
    return {
        "alipay_app": alipay.APP,
        "alipay_key": pem(ours),
        "alipay_public_key": public_pem(theirs),
        "alipay_gateway": gateway,
    }


class Stage:
    """Payments, and a provider beside it that a buyer has paid at."""

    provider: str

    def __init__(self, house, fake):
        self.house, self.fake = house, fake
        self.desk = house.counter.desk
        fake.clock = house.clock

    def share_out(self, *others, window=timedelta(days=7)):
        """Plan a collection as the provider's terms have it, and write every step down."""
        payee, now = a_receiver(account=self.account(0)), self.house.clock()
        shares = [Share(payee, WHOLE - sum(minor for _, minor in others))]
        shares += [Share(receiver, minor) for receiver, minor in others]
        terms = self.desk.provider(self.provider).capabilities()
        plan = plan_split(shares, terms, Terms(CNY, now, now + window))
        order = Collect(payee=plan.payee, amount=Money(WHOLE, CNY), description="an evening")
        collected = replace(
            intend(
                order, operation_id=an_id("opn"), provider=self.provider, about=GATHERING, at=now
            ),
            reference=self.pay(),
        )
        steps = intend_plan(plan, collected, at=now)
        for operation in steps:
            atomically(lambda made=operation: self.desk.operations.save(Decision(made)))
        return {operation.kind: operation.id for operation in steps}

    def somebody(self, number):
        return replace(a_receiver(account=self.account(number)), name="茶馆有限公司")

    def run(self, *, rounds=4):
        for _ in range(rounds):
            self.house.janitor.run()

    def send(self, headers, body):
        return self.house.client.post(
            f"/v1/providers/{self.provider}/webhooks",
            data=body,
            headers=headers,
            content_type=self.media_type,
        )

    def read(self, own):
        return self.house.ask("GET", f"/provider-operations/{own}", *PLATFORM).json

    def reconcile(self):
        """What comparing the provider's bills with our operations found."""
        reconciler_of(self.desk, self.house.clock).run()
        path = f"/reconciliations?provider={self.provider}"
        found = self.house.ask("GET", path, *PLATFORM).json["items"]
        return sorted((each["amount"]["minor"], each["standing"]) for each in found)

    def standing(self):
        """What the platform sees of the provider."""
        found = self.house.ask("GET", "/providers", *PLATFORM).json["items"]
        return next(each for each in found if each["name"] == self.provider)


class WeChatStage(Stage):
    provider, media_type = "wechat", "application/json"
    on_the_bill: ClassVar = [(-20_000, "matched"), (-10_000, "matched")]

    def account(self, number):
        return f"19000000{number:02d}"

    def pay(self):
        return self.fake.pay(WHOLE)

    def message(self, own, *, at):
        told = {"order_id": self.fake.orders[own]["order_id"], "out_order_no": own}
        return self.fake.notice("profitsharing", told, at=at)

    def given(self):
        lines = [line for order in self.fake.orders.values() for line in order["receivers"]]
        return sum(line["amount"] for line in lines if line["result"] == "SUCCESS")


@contextmanager
def wechat_stage(database):
    fake = wechat.FakeWeChat(system_clock, *rsa_keys())
    with wechat.served(fake) as base:
        yield WeChatStage(House(database, **wechat_knobs(base)), fake)


class AlipayStage(Stage):
    provider, media_type = "alipay", "application/x-www-form-urlencoded"
    on_the_bill: ClassVar = []  # by the trade's number, which says nothing of ours

    def account(self, number):
        return f"2088{number:012d}"

    def pay(self):
        return self.fake.pay(WHOLE)

    def message(self, own, *, at):
        found = self.fake.settles[own]
        told = {name: found[name] for name in ("out_request_no", "trade_no", "settle_no")}
        return self.fake.message(SPLIT_MESSAGE, told, at=at)

    def given(self):
        return sum(self.fake.given(account) for account in self.fake.receivers)


@contextmanager
def alipay_stage(database):
    fake = alipay.FakeAlipay(system_clock, *rsa_keys())
    with alipay.served(fake) as base:
        fake.base = base
        yield AlipayStage(House(database, **alipay_knobs(base)), fake)


GATHERING = an_id("gth")
STAGES = {wechat_stage: "wechat", alipay_stage: "alipay"}


@pytest.fixture(params=STAGES, ids=STAGES.get)
def stage(request, database):
    with request.param(database) as made:
        yield made
        made.house.ledger.close()


class TestACollection:
    @pytest.mark.parametrize("faults", [[], ["lost", "error", "slow"], ["unheard", "busy"]])
    def test_is_shared_out_once_finished_and_matched_with_the_bill(self, stage, faults):
        stage.fake.faults = list(faults)
        own = stage.share_out((stage.somebody(1), 20_000), (stage.somebody(2), 10_000))

        for _ in range(8):
            stage.run()
            stage.fake.settle()
            stage.house.advance(timedelta(minutes=70))

        assert {kind: stage.read(each)["state"] for kind, each in own.items()} == {
            Kind.REGISTER: "succeeded",
            Kind.SPLIT: "succeeded",
            Kind.FINISH: "succeeded",
        }
        assert [part["status"] for part in stage.read(own[Kind.SPLIT])["parts"]] == [
            "succeeded"
        ] * 2
        assert stage.given() == 30_000
        assert stage.reconcile() == stage.on_the_bill
        assert stage.standing()["open_operations"] == 0

    def test_that_is_open_is_seen_in_what_the_platform_reads_of_the_provider(self, stage):
        stage.fake.faults = ["lost"] * 3
        stage.share_out((stage.somebody(1), 20_000))
        stage.run(rounds=1)

        seen = stage.standing()

        assert (seen["open_operations"], seen["stuck_operations"]) == (3, 0)
        assert seen["oldest_open_at"] is not None
        assert seen["largest_ratio"] == 3_000

    def test_gives_nobody_more_than_the_provider_allows(self, stage):
        own = stage.share_out((stage.somebody(1), 25_000), (stage.somebody(2), 10_000))
        stage.run()
        stage.fake.settle()

        assert stage.read(own[Kind.SPLIT])["amount"] == {"minor": 25_000, "currency": CNY}
        assert stage.given() == 25_000


class TestAMessage:
    @pytest.fixture
    def own(self, stage):
        own = stage.share_out((stage.somebody(1), 20_000))[Kind.SPLIT]
        stage.run()
        return own

    def test_is_taken_in_as_often_as_it_comes(self, stage, own):
        headers, body = stage.message(own, at=system_clock())

        answers = [stage.send(headers, body) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200] * 3
        assert stage.read(own)["state"] == "accepted"

    def test_has_it_asked_about_at_once(self, stage, own):
        stage.fake.settle()

        stage.send(*stage.message(own, at=system_clock()))
        stage.run(rounds=1)

        assert stage.read(own)["state"] == "succeeded"

    def test_that_comes_before_the_answer_is_not_lost_by_it(self, stage):
        stage.fake.faults = ["", "lost"]
        own = stage.share_out((stage.somebody(1), 20_000))[Kind.SPLIT]
        stage.run()
        before = stage.read(own)["state"]

        stage.send(*stage.message(own, at=system_clock()))

        assert (before, stage.read(own)["state"]) == ("unknown", "accepted")

    def test_that_is_old_or_changed_or_about_nobody_changes_nothing(self, stage, own):
        old = stage.message(own, at=system_clock() - timedelta(minutes=6))
        headers, body = stage.message(own, at=system_clock())

        stale = stage.send(*old)
        forged = stage.send(headers, body.replace(b"e", b"f", 1))

        assert (stale.status_code, stale.json["code"]) == (403, "notification-stale")
        assert (forged.status_code, forged.json["code"]) == (403, "notification-forged")
        assert stage.read(own)["state"] == State.ACCEPTED.value


class TestTheSettings:
    @pytest.mark.parametrize(
        ("knobs", "told"),
        [
            ({"wechat_merchant": "1900000001"}, "PAYMENTS_WECHAT_KEY"),
            (wechat_knobs() | {"wechat_key": "MIIE"}, "PAYMENTS_WECHAT_KEY"),
            (wechat_knobs() | {"wechat_public_keys": "none"}, "PAYMENTS_WECHAT_PUBLIC_KEYS"),
            (wechat_knobs() | {"wechat_public_key_ids": "a,b"}, "PAYMENTS_WECHAT_PUBLIC_KEY_IDS"),
            (wechat_knobs() | {"wechat_notices_key": "short"}, "PAYMENTS_WECHAT_NOTICES_KEY"),
            (wechat_knobs("http://192.0.2.1"), "PAYMENTS_WECHAT_API_BASE"),
            ({"alipay_app": alipay.APP}, "PAYMENTS_ALIPAY_KEY"),
            (alipay_knobs() | {"alipay_key": "MIIE"}, "PAYMENTS_ALIPAY_KEY"),
            (alipay_knobs() | {"alipay_public_key": "no"}, "PAYMENTS_ALIPAY_PUBLIC_KEY"),
            (alipay_knobs("http://192.0.2.1"), "PAYMENTS_ALIPAY_GATEWAY"),
        ],
        ids=lambda told: told if isinstance(told, str) else "",
    )
    def test_that_are_not_whole_or_not_safe_start_nothing(self, database, knobs, told):
        with pytest.raises(SettingsError, match=told):
            create_app(PaymentsSettings(service="payments", mongo_uri=database, **knobs))

    def test_have_secrets_that_are_never_stored_or_told(self, stage, capfd, caplog):
        stage.fake.faults = ["error"]
        stage.share_out((stage.somebody(1), 20_000))
        stage.run()
        stage.send({}, b"{}")

        database = collection("provider_operations").database
        kept = [row for name in database.list_collection_names() for row in database[name].find()]
        said = "".join(capfd.readouterr()) + caplog.text + repr(kept)
        settings = repr(PaymentsSettings(service="payments", **wechat_knobs(), **alipay_knobs()))
        secrets = (pem(rsa_keys()[0]), wechat.NOTICES_KEY.decode())
        assert kept
        assert not [each for each in secrets if each in said or repr(each)[1:-1] in settings]
