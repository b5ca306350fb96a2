"""Every line is matched by a rule that it names, or is a break that somebody has to explain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.payments.providers.domain import failed
from services.payments.reconciliations.domain import BreakNotOpen, Rule, Standing, evidence
from services.payments.reconciliations.use_cases import end_break
from tests.builders.bank import BankHouse, bank_name
from tests.fakes.bank import Booked

DAY = timedelta(days=1)


@pytest.fixture
def house():
    return BankHouse()


@pytest.fixture
def own(house):
    """A payment of 5.00 that the bank has in a file."""
    made = house.pay(500)
    house.send()
    return made


def paid(house, own, **changes):
    return house.bank.paid(bank_name(own), **changes)


def back(house, own, **changes):
    return house.bank.back(bank_name(own), **changes)


class TestAPaymentThatLeft:
    def test_is_matched_by_its_id_and_has_succeeded(self, house, own):
        house.tell(paid(house, own))

        (found,) = house.matched()
        assert (found.rule, found.operation_id) == (Rule.ID, own)
        assert house.state(own) == "succeeded"
        assert house.breaks() == []

    def test_and_came_back_has_failed_with_the_bank_s_reason(self, house, own):
        house.tell(paid(house, own))
        house.tell(back(house, own))

        operation = house.operations.by_id[own]
        assert (house.state(own), operation.code) == ("failed", "ac04")
        assert [each.state.value for each in house.ended] == ["succeeded", "failed"]
        assert (len(house.matched()), house.breaks()) == (2, [])

    def test_may_be_told_after_it_came_back(self, house, own):
        house.tell(back(house, own))
        house.tell(paid(house, own))

        assert house.state(own) == "failed"
        assert (len(house.matched()), house.breaks()) == (2, [])

    def test_twice_is_a_break_and_changes_nothing_more(self, house, own):
        house.tell(paid(house, own))
        house.tell(paid(house, own))

        assert house.breaks() == [("twice", "open")]
        assert len(house.ended) == 1

    def test_with_another_amount_is_a_break_and_calls_for_a_person(self, house, own):
        house.tell(paid(house, own, minor=-501))

        assert house.breaks() == [("amount-differs", "open")]
        assert (house.state(own), house.operations.by_id[own].alarm) == (
            "accepted",
            "amount-differs",
        )

    def test_of_which_only_a_part_came_back_is_a_break(self, house, own):
        house.tell(paid(house, own))
        house.tell(back(house, own, minor=450))

        assert house.breaks() == [("amount-differs", "open")]
        assert house.state(own) == "succeeded"


class TestAPaymentThatTheBankRefused:
    def test_and_made_all_the_same_is_a_break_and_stays_failed(self, house, own):
        house.refuse(own)

        house.tell(paid(house, own))

        assert house.breaks() == [("paid-after-refusal", "open")]
        assert (house.state(own), len(house.ended)) == ("failed", 1)

    def test_and_sent_back_is_matched_whatever_came_first(self, house, own):
        house.refuse(own)

        house.tell(back(house, own))

        assert (len(house.matched()), house.breaks()) == (1, [])

    def test_is_not_missed(self, house, own):
        house.refuse(own)
        house.clock.pass_by(6 * DAY)

        house.reconcile()

        assert house.breaks() == []


class TestALine:
    @pytest.mark.parametrize("code", ["AC04", ""])
    @pytest.mark.parametrize("kind", ["paid", "back"])
    def test_says_the_same_by_the_bill_and_when_the_bank_is_asked(self, house, own, kind, code):
        line = getattr(house.bank, kind)(bank_name(own), code=code, text="Told")
        house.upload(house.bank.statement([line], house.today))
        operation = house.operations.by_id[own]

        (settled,) = house.provider.list_settlement(house.today)

        assert evidence(settled, operation) == house.provider.query(own, operation.order)


class TestALineWithoutAnId:
    def test_is_matched_by_amount_day_and_counterparty(self, house, own):
        house.tell(paid(house, own, end_to_end="", name="HOST  & co"))

        (found,) = house.matched()
        assert (found.rule, found.operation_id) == (Rule.LIKENESS, own)
        assert house.state(own) == "succeeded"

    def test_is_a_break_when_two_payments_are_like_it(self, house, own):
        house.pay(500)

        house.tell(paid(house, own, end_to_end=""))

        assert (house.matched(), house.breaks()) == ([], [("missing-here", "open")])

    def test_takes_the_other_of_two_once_the_first_is_known(self, house, own):
        other = house.pay(500)
        house.tell(paid(house, own))

        house.tell(paid(house, own, end_to_end=""))

        assert {each.operation_id: each.rule for each in house.matched()} == {
            own: Rule.ID,
            other: Rule.LIKENESS,
        }

    @pytest.mark.parametrize(
        "changes", [{"minor": -499}, {"minor": 500}, {"name": "Somebody"}, {"name": ""}]
    )
    def test_is_a_break_when_one_of_the_three_differs(self, house, own, changes):
        house.tell(paid(house, own, end_to_end="", **changes))

        assert (house.matched(), house.breaks()) == ([], [("missing-here", "open")])

    @pytest.mark.parametrize("days", [-3, 12])
    def test_is_a_break_outside_of_the_window(self, house, own, days):
        house.tell(paid(house, own, end_to_end=""), day=house.today + days * DAY)

        assert (house.matched(), house.breaks()) == ([], [("missing-here", "open")])


class TestALineOfNobody:
    @pytest.mark.parametrize(
        "line",
        [
            Booked("R9", 700, "", "A brand"),
            Booked("R9", -12, "", "Fees"),
            Booked("R9", -12, "opn-" + "0" * 26, "Host & Co"),
            Booked("R9", -12, "invoice 7", "Host & Co"),
        ],
    )
    def test_is_a_break(self, house, own, line):
        house.tell(line)

        assert (house.matched(), house.breaks()) == ([], [("missing-here", "open")])


class TestAPaymentThatNoLineTellsOf:
    def test_is_a_break_after_five_days(self, house, own):
        house.tell()
        house.clock.pass_by(4 * DAY)
        house.tell()
        assert house.breaks() == []

        house.clock.pass_by(2 * DAY)
        house.tell()

        assert house.breaks() == [("missing-there", "open")]

    def test_is_explained_by_the_line_when_it_comes(self, house, own):
        house.clock.pass_by(6 * DAY)
        house.reconcile()

        house.tell(paid(house, own))

        assert house.breaks() == [("missing-there", "ended")]
        (ended,) = (each for each in house.reconciliations.by_id.values() if each.kind)
        assert (ended.rule, ended.ended_by) == (Rule.ARRIVED, "")

    def test_is_no_break_beside_a_line_of_another_amount(self, house, own):
        house.tell(paid(house, own, minor=-501))

        house.clock.pass_by(6 * DAY)
        house.reconcile()

        assert house.breaks() == [("amount-differs", "open")]

    def test_is_none_once_it_failed(self, house, own):
        house.desk.note(own, failed("receiver-unknown"), now=house.clock())

        house.clock.pass_by(6 * DAY)
        house.reconcile()

        assert house.breaks() == []


class TestABreak:
    @pytest.fixture
    def found(self, house):
        house.tell(Booked("R9", 700))
        (only,) = house.reconciliations.by_id.values()
        return only

    def end(self, house, found, by="usr_a", reason="A deposit"):
        return end_break(
            found.id,
            by=by,
            reason=reason,
            reconciliations=house.reconciliations,
            now=house.clock(),
        )

    def test_is_ended_by_somebody_with_a_reason(self, house, found):
        house.clock.pass_by(DAY)

        ended = self.end(house, found)

        assert replace(ended, revision=found.revision) == replace(
            found,
            standing=Standing.ENDED,
            ended_at=house.clock(),
            ended_by="usr_a",
            reason="A deposit",
        )

    def test_is_ended_once(self, house, found):
        ended = self.end(house, found)

        with pytest.raises(BreakNotOpen):
            self.end(house, found, by="usr_b")

        assert house.reconciliations.get(found.id) == ended

    def test_stays_ended_when_the_statement_comes_again(self, house, found):
        self.end(house, found)

        house.reconcile()

        assert house.breaks() == [("missing-here", "ended")]
