"""A bank's report of a file: rejected, settled or under way, payment by payment."""

from __future__ import annotations

import pytest

from services.payments.bank.domain import BankReportUnreadable
from services.payments.bank.engine.names import written
from services.payments.bank.use_cases import (
    BankDesk,
    read_status_report,
    statuses_of,
    take_status,
)
from services.payments.providers.domain import Retry
from tests.builders.bank import OURS, BankHouse, bank_name
from tests.builders.payments import an_id


class Stage(BankHouse):
    """A bank that tells of a file before it books it."""

    def pay_all(self, *minors):
        owns = [self.pay(minor) for minor in minors]
        self.send()
        self.file_id = self.tray.instructions[owns[0]].file_id
        return owns

    def hear(self, *told, **more):
        """Take a report in; how each payment stands then, None for what is none of ours."""
        more.setdefault("message", written(self.file_id))
        content = self.bank.report(*told, **more)
        report = read_status_report(content)
        desk = BankDesk("bank", OURS, self.tray, self.drawer, self.desk, lambda _name, _days: None)
        found = [
            take_status(report, each, bank=desk, now=self.clock())
            for each in statuses_of(report, self.tray)
        ]
        self.reconcile()
        return [each and each.state.value for each in found]


@pytest.fixture
def stage():
    return Stage()


class TestAPayment:
    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("RJCT", "failed"),
            ("CANC", "failed"),
            ("ACSC", "succeeded"),
            ("ACCC", "succeeded"),
            *((status, "accepted") for status in ("ACCP", "ACTC", "ACSP", "ACWC", "PDNG", "RCVD")),
        ],
    )
    def test_stands_as_its_status_says(self, stage, status, state):
        (own,) = stage.pay_all(500)

        assert stage.hear((bank_name(own), status, "")) == [state]
        assert (stage.state(own), stage.breaks()) == (state, [])

    @pytest.mark.parametrize(
        ("reason", "retry"),
        [
            *((reason, Retry.CHANGED) for reason in ("AC01", "BE04", "RC01")),
            *((reason, Retry.LATER) for reason in ("AM04", "", "DUPL")),
        ],
    )
    def test_that_is_rejected_speaks_against_the_account_only_if_the_reason_does(
        self, stage, reason, retry
    ):
        (own,) = stage.pay_all(500)

        stage.hear((bank_name(own), "RJCT", reason))

        operation = stage.operations.by_id[own]
        assert (operation.code, operation.retry) == ("refused-by-bank", retry)
        assert operation.detail.startswith(f"RJCT {reason}".strip())

    def test_is_told_of_by_itself_beside_others(self, stage):
        one, two, three = stage.pay_all(500, 600, 700)

        stage.hear((bank_name(one), "RJCT", "AC04"), (bank_name(two), "ACSC", ""))

        assert [stage.state(own) for own in (one, two, three)] == [
            "failed",
            "succeeded",
            "accepted",
        ]

    def test_again_changes_nothing(self, stage):
        one, two = stage.pay_all(500, 600)
        told = [(bank_name(one), "RJCT", "AC04"), (bank_name(two), "ACSC", "")]
        stage.hear(*told)
        before, ended = dict(stage.operations.by_id), list(stage.ended)

        stage.hear(*told, number="R-2")
        stage.hear(*reversed(told))

        assert (stage.operations.by_id, stage.ended, stage.breaks()) == (before, ended, [])

    def test_that_was_settled_and_is_then_rejected_comes_back(self, stage):
        (own,) = stage.pay_all(500)
        stage.hear((bank_name(own), "ACSC", ""))

        stage.hear((bank_name(own), "RJCT", "AC04"), number="R-2")

        assert [each.state.value for each in stage.ended] == ["succeeded", "failed"]

    def test_that_was_settled_is_matched_when_the_statement_comes(self, stage):
        (own,) = stage.pay_all(500)
        stage.hear((bank_name(own), "ACSC", ""))

        stage.tell(stage.bank.paid(bank_name(own)))

        assert (stage.breaks(), len(stage.matched()), len(stage.ended)) == ([], 1, 1)

    def test_of_another_amount_than_was_asked_calls_for_a_person(self, stage):
        (own,) = stage.pay_all(500)
        stage.bank.ordered[bank_name(own)] = (501, "Host & Co")

        stage.hear((bank_name(own), "ACSC", ""))

        operation = stage.operations.by_id[own]
        assert (operation.state.value, operation.alarm) == ("accepted", "amount-differs")


class TestTheWholeFile:
    @pytest.mark.parametrize(
        ("group", "state"), [("RJCT", "failed"), ("ACSC", "succeeded"), ("ACTC", "accepted")]
    )
    def test_has_a_status_that_each_payment_has_too(self, stage, group, state):
        owns = stage.pay_all(500, 600)

        stage.hear(group=group)

        assert [stage.state(own) for own in owns] == [state] * 2

    def test_has_one_that_goes_for_those_only_that_are_not_listed(self, stage):
        one, two = stage.pay_all(500, 600)

        stage.hear((bank_name(one), "RJCT", "AC01"), group="ACSC")

        assert (stage.state(one), stage.state(two)) == ("failed", "succeeded")


class TestABreak:
    def test_is_a_payment_that_nobody_knows_and_stays_one_however_often_it_is_told(self, stage):
        stage.pay_all(500)
        stranger = (bank_name(an_id("opn")), "RJCT", "AC01")

        heard = [stage.hear(stranger) for _ in range(3)]

        assert heard == [[None]] * 3
        assert stage.breaks() == [("missing-here", "open")]

    def test_is_a_payment_of_another_file(self, stage):
        (own,) = stage.pay_all(500)

        heard = stage.hear((bank_name(own), "RJCT", "AC01"), message=written(an_id("bfl")))

        assert (heard, stage.state(own)) == ([None], "accepted")
        assert stage.breaks() == [("missing-here", "open")]

    @pytest.mark.parametrize("message", ["somebody-else-1", written(an_id("bfl"))])
    def test_is_a_whole_file_that_nobody_knows(self, stage, message):
        (own,) = stage.pay_all(500)

        assert stage.hear(message=message, group="RJCT") == [None]
        assert (stage.state(own), stage.breaks()) == ("accepted", [("missing-here", "open")])

    def test_is_a_rejection_of_what_the_statement_says_left(self, stage):
        (own,) = stage.pay_all(500)
        stage.tell(stage.bank.paid(bank_name(own)))

        stage.hear((bank_name(own), "RJCT", "AC01"))

        assert (stage.state(own), stage.breaks()) == ("succeeded", [("missing-here", "open")])

    def test_is_a_settlement_of_what_was_refused_and_the_money_that_left_all_the_same(self, stage):
        (own,) = stage.pay_all(500)
        stage.hear((bank_name(own), "RJCT", "AC01"))

        stage.hear((bank_name(own), "ACSC", ""), number="R-2")
        stage.tell(stage.bank.paid(bank_name(own)))

        assert stage.state(own) == "failed"
        assert stage.breaks() == [("missing-here", "open"), ("paid-after-refusal", "open")]


class TestTheFile:
    @pytest.mark.parametrize("version", ["03", "10", "14"])
    def test_is_read_in_every_version_banks_use(self, stage, version):
        (own,) = stage.pay_all(500)

        assert stage.hear((bank_name(own), "ACSC", ""), version=version) == ["succeeded"]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda content: b"no XML",
            lambda content: content.replace(b"pain.002", b"pain.001"),
            lambda content: content.replace(b".001.10", b".001.99"),
            lambda content: content.replace(b"<OrgnlMsgId>", b"<Other>").replace(
                b"</OrgnlMsgId>", b"</Other>"
            ),
            lambda content: content.replace(b"<TxSts>ACSC", b"<TxSts>yes"),
            lambda content: content.replace(b">5.00<", b">5,00<"),
            lambda content: content.replace(b"2026-03-01T", b"yesterday"),
            lambda content: content.replace(
                b'encoding="UTF-8"?>', b'encoding="UTF-8"?><!DOCTYPE a [<!ENTITY b "c">]>'
            ),
            lambda content: content.replace(
                b"<StsRsnInf>", b"<a>" * 40 + b"</a>" * 40 + b"<StsRsnInf>"
            ),
            lambda content: content + b" " * (3 * 1024 * 1024),
        ],
    )
    def test_that_is_not_one_or_is_hostile_is_refused(self, stage, spoil):
        (own,) = stage.pay_all(500)
        content = stage.bank.report((bank_name(own), "ACSC", ""), message=written(stage.file_id))
        assert read_status_report(content)

        with pytest.raises(BankReportUnreadable):
            read_status_report(spoil(content))

    def test_of_more_payments_than_a_file_has_is_refused(self, stage):
        many = [(f"x{number}", "ACSC", "") for number in range(1_001)]

        with pytest.raises(BankReportUnreadable, match="1001"):
            read_status_report(stage.bank.report(*many, message="m"))
