"""A statement adds up, or it is not shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payments.statements.domain import Line, PeriodEmpty, Statement, StatementUnsound
from services.payments.statements.engine.amounts import grouped, plain
from services.payments.statements.engine.words import Why, subjects, why
from tests.builders.payments import NOW, an_id

DAY = timedelta(days=1)
ACCOUNT = f"org:{an_id('org')}:pending"


def a_line(minor, balance, **changes):
    given = {
        "entry_id": an_id("ent"),
        "leg": 0,
        "at": NOW,
        "booked_at": NOW,
        "kind": "plain",
        "code": "settlement",
        "minor": minor,
        "balance": balance,
        "why": Why("Share of the host", "主理人份额"),
        "about": {},
    }
    return Line(**given | changes)


def a_statement(opening, *moves, start=NOW, end=NOW + DAY, **changes):
    lines, balance = [], opening
    for minor in moves:
        balance += minor
        lines.append(a_line(minor, balance))
    given = {
        "account": ACCOUNT,
        "currency": "CNY",
        "start": start,
        "end": end,
        "opening": opening,
        "lines": tuple(lines),
        "closing": balance,
    }
    return Statement(**given | changes)


class TestStatement:
    def test_tells_what_came_in_and_went_out(self):
        statement = a_statement(500, 1_200, -300, 7)

        assert (statement.money_in, statement.money_out) == (1_207, -300)
        assert statement.opening + statement.money_in + statement.money_out == statement.closing

    def test_is_refused_when_its_end_does_not_follow(self):
        with pytest.raises(StatementUnsound, match="500 does not lead to 501"):
            a_statement(500, closing=501)

    def test_is_refused_when_a_line_does_not_follow_from_the_one_before(self):
        lines = (a_line(5, 5), a_line(5, 11), a_line(-1, 9))

        with pytest.raises(StatementUnsound, match="leads to 11, not to 10"):
            a_statement(0, lines=lines, closing=9)

    @pytest.mark.parametrize("end", [NOW, NOW - DAY])
    def test_of_no_time_at_all_is_refused(self, end):
        with pytest.raises(PeriodEmpty):
            a_statement(0, end=end)

    def test_joins_the_one_that_follows(self):
        first = a_statement(0, 100, -30)
        second = a_statement(70, 5, start=first.end, end=first.end + DAY)

        both = first.then(second)

        assert (both.opening, both.closing) == (0, 75)
        assert [line.minor for line in both.lines] == [100, -30, 5]

    @pytest.mark.parametrize(
        "later",
        [
            a_statement(70, start=NOW + 2 * DAY, end=NOW + 3 * DAY),
            a_statement(71, start=NOW + DAY, end=NOW + 2 * DAY),
            a_statement(70, start=NOW + DAY, end=NOW + 2 * DAY, currency="USD"),
        ],
    )
    def test_joins_no_other(self, later):
        with pytest.raises(StatementUnsound):
            a_statement(0, 70).then(later)


class TestWhy:
    LEGS = {"legs": [{"en": "first", "zh": "一"}, {"en": "second", "zh": "二"}]}
    WHOLE = {"why": {"en": "whole", "zh": "全"}}

    @pytest.mark.parametrize(
        ("reason", "legs", "english"),
        [
            (LEGS | WHOLE, 2, "second"),
            (LEGS | WHOLE, 3, "whole"),
            (WHOLE, 2, "whole"),
            ({"legs": [None, 5]}, 2, "Settlement of a gathering"),
            (None, 2, "Settlement of a gathering"),
        ],
    )
    def test_is_the_legs_reason_then_the_entrys_then_what_its_code_means(
        self, reason, legs, english
    ):
        assert why(reason, "settlement", leg=1, legs=legs).en == english

    def test_of_a_code_nobody_explained_is_the_code(self):
        assert why({}, "late-fee", leg=0, legs=2) == Why("Late fee", "业务：late-fee")

    def test_names_everything_it_has_to_do_with(self):
        reason = {"contract_id": "ctr_1", "why": "x", "sale_id": 5}

        assert subjects(reason, "gth_1") == {"contract_id": "ctr_1", "reference": "gth_1"}


class TestAmounts:
    @pytest.mark.parametrize(
        ("minor", "currency", "written"),
        [
            (0, "CNY", "0.00"),
            (5, "CNY", "0.05"),
            (-5, "CNY", "-0.05"),
            (-123_456_789, "CNY", "-1,234,567.89"),
            (1_234, "JPY", "1,234"),
            (1_234, "KWD", "1.234"),
        ],
    )
    def test_have_the_digits_of_their_currency(self, minor, currency, written):
        assert grouped(minor, currency) == written
        assert plain(minor, currency) == written.replace(",", "")
