"""Currencies with no, two, three and four decimals, and units of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.currencies import (
    AmountUnreadable,
    UnknownCurrency,
    exponent_of,
    from_decimal,
    is_currency,
    to_decimal,
    to_words,
)
from chassis.kernel.money import Money

SOME = st.sampled_from(["JPY", "CNY", "BHD", "CLF", "TICKET", "T01", "POINTS"])


class TestExponents:
    @pytest.mark.parametrize(
        ("code", "exponent"),
        [("JPY", 0), ("CNY", 2), ("USD", 2), ("KWD", 3), ("UYW", 4), ("TICKET", 0), ("T01", 0)],
    )
    def test_are_those_of_the_standard(self, code, exponent):
        assert exponent_of(code) == exponent

    @pytest.mark.parametrize(
        "code", ["", "XYZ", "cny", "CN", "RMBYUANFEN", "C-Y", "CNY\n", "人民币"]
    )
    def test_no_other_word_is_a_currency(self, code):
        assert not is_currency(code)
        with pytest.raises(UnknownCurrency):
            exponent_of(code)


class TestDecimals:
    @pytest.mark.parametrize(
        ("minor", "currency", "text"),
        [
            (31_255, "CNY", "312.55"),
            (-5, "CNY", "-0.05"),
            (0, "CNY", "0.00"),
            (1_000, "JPY", "1000"),
            (1_005, "BHD", "1.005"),
            (7, "TICKET", "7"),
        ],
    )
    def test_are_written_out(self, minor, currency, text):
        assert to_decimal(Money(minor, currency)) == text

    def test_is_told_to_people_with_its_currency(self):
        assert to_words(Money(20_000, "CNY")) == "200.00 CNY"
        assert to_words(Money(-500, "JPY")) == "-500 JPY"

    @given(minor=st.integers(-(2**53), 2**53), currency=SOME)
    def test_come_back_as_they_were(self, minor, currency):
        amount = Money(minor, currency)

        assert from_decimal(to_decimal(amount), currency) == amount

    def test_may_be_fewer_than_there_could_be(self):
        assert from_decimal("3.1", "CNY") == from_decimal("3.100", "CNY") == Money(310, "CNY")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "1.005",
            "1e3",
            "NaN",
            "\uff11\uff12",
            "1,000",
            "+1",
            "01",
            ".5",
            "5.",
            " 5",
            "5\n",
            "9" * 20,
        ],
    )
    def test_are_never_guessed(self, text):
        with pytest.raises(AmountUnreadable):
            from_decimal(text, "CNY")
