"""Numbers as clients write them, and what is left of them."""

from __future__ import annotations

import pytest

from chassis.web.schemas import MoneySchema
from chassis.web.strict_json import read


@pytest.mark.parametrize(
    "text",
    [
        "999999999999999.01",
        "9007199254740990.6",
        "9007199254740993.0",
        "12.00000000000000000001",
        "1e-400",
        "1e-99999999999999999999",
    ],
)
class TestNumberThatAFloatMakesWhole:
    def test_is_no_whole_number(self, text):
        (number,) = read(f"[{text}]".encode())

        assert int(number) == number == float(text)
        assert not number.is_integer()

    def test_is_no_amount_of_money(self, text):
        body = read(f'{{"minor": {text}, "currency": "CNY"}}'.encode())

        assert MoneySchema().validate(body) == {"minor": ["Not a valid integer."]}


@pytest.mark.parametrize(("text", "whole"), [("12.0", 12), ("1e3", 1000), ("-0.0", 0)])
def test_a_whole_number_may_have_a_point(text, whole):
    (number,) = read(f"[{text}]".encode())

    assert number.is_integer()
    assert int(number) == whole


def test_a_fraction_stays_what_it_is():
    assert read(b"[0.1, 1e300, 12]") == [0.1, 1e300, 12]
