"""Currencies and other units: which there are, and how many decimals each has."""

from __future__ import annotations

import re
from functools import lru_cache

from chassis.kernel.errors import RuleBroken
from chassis.kernel.money import Money

# ISO 4217:2015, list one, without funds and metals: the codes by their number of decimals.
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_WITH_FOUR = "CLF UYW"
_EXPONENTS = {
    code: exponent
    for codes, exponent in (
        (_WITHOUT_DECIMALS, 0),
        (_WITH_TWO, 2),
        (_WITH_THREE, 3),
        (_WITH_FOUR, 4),
    )
    for code in codes.split()
}
# Points, tickets, packs of a lot: never three letters, so that no currency is shadowed.
_OWN_UNIT = re.compile(r"[A-Z](?:[A-Z0-9]{3,7}|[A-Z][0-9]|[0-9][A-Z0-9])")
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,18}))?", re.ASCII)


class UnknownCurrency(RuleBroken):
    """There is no such currency or unit."""

    code = "unknown-currency"
    hint = "Use an ISO 4217 code such as CNY, or a unit of your own of four to eight characters."
    chinese = "没有该币种或单位，请使用 ISO 4217 代码或四至八位的自定义单位。"


class AmountUnreadable(RuleBroken):
    """The amount is no decimal number that the currency can express."""

    code = "amount-unreadable"
    hint = "Write digits with a point before at most as many decimals as the currency has."
    chinese = "金额格式不正确，或小数位数超过该币种允许的位数。"


@lru_cache(maxsize=1_024)
def is_currency(code: str) -> bool:
    """Whether this is an ISO 4217 currency or can be a unit of our own, such as ``TICKET``."""
    return code in _EXPONENTS or _OWN_UNIT.fullmatch(code) is not None


def exponent_of(code: str) -> int:
    """How many decimals the main unit has (2 for CNY, 0 for JPY); raise ``UnknownCurrency``.

    Units of our own are counted whole.
    """
    if not is_currency(code):
        raise UnknownCurrency(f"no currency {code!r}", currency=code)
    return _EXPONENTS.get(code, 0)


def to_decimal(amount: Money) -> str:
    """The amount in main units, with all its decimals: ``312.55`` for 31255 fen."""
    exponent = exponent_of(amount.currency)
    digits = str(abs(amount.minor)).rjust(exponent + 1, "0")
    sign = "-" if amount.minor < 0 else ""
    if not exponent:
        return sign + digits
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


def to_words(amount: Money) -> str:
    """An amount for people: ``200.00 CNY``."""
    return f"{to_decimal(amount)} {amount.currency}"


def from_decimal(text: str, currency: str) -> Money:
    """The inverse of ``to_decimal``; fewer decimals are read as well, more only if zero.

    Exact: nothing is ever rounded. Raises ``UnknownCurrency`` or ``AmountUnreadable``.
    """
    exponent = exponent_of(currency)
    found = _DECIMAL.fullmatch(text)
    decimals = (found[3] or "").rstrip("0") if found else ""
    if found is None or len(decimals) > exponent:
        raise AmountUnreadable(f"{text!r} in {currency}", currency=currency)
    minor = int(found[2] + decimals.ljust(exponent, "0"))
    return Money(-minor if found[1] else minor, currency)
