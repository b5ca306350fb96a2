"""Payments go to the bank in one file each, once, and its statements say what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.payments.bank.domain import (
    LARGEST_FILE,
    BankFileNotFound,
    BankPaymentEnded,
    BankPaymentNotFound,
    BankStatementChanged,
    BankStatementForeign,
    BankStatementUnreadable,
    BankStatementUnsound,
    NothingToSend,
)
from services.payments.providers.domain import ProviderCannot, RegisterParty, Retry, Status
from tests.builders.bank import BankHouse, bank_name
from tests.builders.payments import an_id
from tests.builders.providers import CNY, a_receiver
from tests.fakes.bank import Booked

DAY = timedelta(days=1)


@pytest.fixture
def house():
    return BankHouse()


class TestAFile:
    def test_holds_every_payment_that_waits_once(self, house):
        first, second = house.pay(500), house.pay(700)

        sent = house.send()

        assert sorted(sent) == sorted([bank_name(first), bank_name(second)])
        assert [house.state(own) for own in (first, second)] == ["accepted", "accepted"]
        with pytest.raises(NothingToSend):
            house.send()

    def test_leaves_what_is_too_much_to_the_next(self, house):
        for n in range(LARGEST_FILE + 1):
            house.provider.payout(an_id("opn"), house.order(n + 1))

        assert [len(house.send()), len(house.send())] == [LARGEST_FILE, 1]

    def test_is_kept_as_it_was_made(self, house):
        house.pay(500)
        house.send()
        (file,) = house.tray.files.values()

        house.clock.pass_by(DAY)

        assert house.tray.file(file.id) == file
        assert (file.count, file.total) == (1, Money(500, CNY))


class TestAPayment:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"amount": Money(0, CNY)}, "amount-invalid"),
            ({"amount": Money(-5, CNY)}, "amount-invalid"),
            ({"amount": Money(5, "JPY")}, "amount-invalid"),
            ({"receiver": a_receiver()}, "receiver-without-name"),
        ],
    )
    def test_that_no_file_can_hold_fails_and_waits_nowhere(self, house, change, code):
        refused = house.provider.payout(an_id("opn"), replace(house.order(5), **change))

        assert (refused.status, refused.code) == (Status.FAILED, code)
        assert house.tray.waiting(limit=9) == []

    def test_is_all_that_a_bank_can_do(self, house):
        with pytest.raises(ProviderCannot):
            house.provider.register_party(an_id("opn"), RegisterParty(receiver=a_receiver()))


class TestARefusal:
    @pytest.fixture
    def own(self, house):
        """A payment that the bank has in a file."""
        made = house.pay(500)
        house.send()
        return made

    def test_fails_a_payment_until_its_account_is_another(self, house, own):
        refused = house.refuse(own, "No such account")

        assert (house.state(own), refused.code) == ("failed", "refused-by-bank")
        assert (refused.retry, refused.detail) == (Retry.CHANGED, "No such account")
        assert [each.id for each in house.ended] == [own]

    def test_is_noted_once(self, house, own):
        first, again = house.refuse(own), house.refuse(own)

        assert (first, len(house.ended)) == (again, 1)
        with pytest.raises(BankPaymentEnded):
            house.refuse(own, "something else")

    def test_is_of_a_payment_in_that_file_only(self, house, own):
        other = house.pay(700)

        with pytest.raises(BankPaymentNotFound):
            house.refuse(other, file_id=house.tray.find(own).file_id)
        with pytest.raises(BankPaymentNotFound):
            house.refuse(an_id("opn"), file_id=house.tray.find(own).file_id)
        with pytest.raises(BankFileNotFound):
            house.refuse(own, file_id=an_id("bfl"))
        assert house.ended == []

    @pytest.mark.parametrize("kind", ["paid", "back"])
    def test_is_too_late_once_a_statement_tells_how_it_ended(self, house, own, kind):
        line = getattr(house.bank, kind)(bank_name(own))
        house.upload(house.bank.statement([line], house.today))

        with pytest.raises(BankPaymentEnded):
            house.refuse(own)

        assert house.state(own) == "accepted"

    def test_is_too_late_once_a_line_without_an_id_was_matched(self, house, own):
        house.tell(house.bank.paid(bank_name(own), end_to_end=""))

        with pytest.raises(BankPaymentEnded):
            house.refuse(own)

        assert house.state(own) == "succeeded"


class TestAStatement:
    def test_is_kept_once_however_often_it_comes(self, house):
        own = house.pay(500)
        house.send()
        content = house.bank.statement([house.bank.paid(bank_name(own))], house.today)

        first, again = house.upload(content), house.upload(content)

        assert first == again
        assert len(house.drawer.lines) == 1
        assert house.state(own) == "accepted"

    def test_that_overlaps_another_adds_only_what_is_new(self, house):
        old, new = Booked("R1", 5), Booked("R2", 7)
        opening = house.bank.opening
        house.upload(house.bank.statement([old], house.today))
        house.bank.opening = opening

        house.upload(house.bank.statement([old, new], house.today, number="week"))

        assert [line.amount.minor for line in house.drawer.on(house.today)] in ([5, 7], [7, 5])

    def test_tells_two_movements_under_one_number_apart(self, house):
        house.upload(house.bank.statement([Booked("R1", 5), Booked("R1", 5)], house.today))

        assert len(house.drawer.lines) == 2

    @pytest.mark.parametrize("number", ["again", ""])
    def test_that_says_something_else_of_a_line_is_refused_whole(self, house, number):
        opening = house.bank.opening
        house.upload(house.bank.statement([Booked("R1", -5)], house.today))
        house.bank.opening = opening
        before = dict(house.drawer.lines)

        with pytest.raises(BankStatementChanged):
            house.upload(
                house.bank.statement(
                    [Booked("R1", -6), Booked("R2", 1)], house.today, number=number
                )
            )

        assert house.drawer.lines == before

    def test_of_another_account_is_refused(self, house):
        content = house.bank.statement([], house.today, account="6222020000000000")

        with pytest.raises(BankStatementForeign):
            house.upload(content)

    def test_that_does_not_add_up_or_cannot_be_read_leaves_nothing(self, house):
        with pytest.raises(BankStatementUnsound):
            house.upload(house.bank.statement([Booked("R1", -5)], house.today, closing=1))
        with pytest.raises(BankStatementUnreadable):
            house.upload(b"<!DOCTYPE x><x/>")

        assert (house.drawer.statements, house.drawer.lines) == ({}, {})

    def test_is_the_bank_s_answer_to_the_janitor(self, house):
        own = house.pay(500)
        house.send()
        house.upload(house.bank.statement([house.bank.paid(bank_name(own))], house.today))

        house.clock.pass_by(DAY)
        house.step()

        assert house.state(own) == "succeeded"

    @pytest.mark.parametrize(
        ("kinds", "state"),
        [
            ("", "accepted"),
            ("paid", "succeeded"),
            ("back", "failed"),
            ("paid back", "failed"),
            ("back paid", "failed"),
            ("paid paid back", "failed"),
        ],
    )
    def test_says_how_a_payment_stands_by_all_lines_in_any_order(self, house, kinds, state):
        own = house.pay(500)
        house.send()
        lines = [getattr(house.bank, kind)(bank_name(own)) for kind in kinds.split()]
        house.upload(house.bank.statement(lines, house.today))

        result = house.provider.query(own, house.operations.by_id[own].order)

        assert result.status.value == state

    def test_of_another_amount_is_told_as_it_is(self, house):
        own = house.pay(500)
        house.send()
        line = house.bank.paid(bank_name(own), minor=-499)
        house.upload(house.bank.statement([line], house.today))

        result = house.provider.query(own, house.operations.by_id[own].order)

        assert (result.status, result.amount) == (Status.SUCCEEDED, Money(499, CNY))
