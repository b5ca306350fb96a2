"""Minor units as people read them."""

from __future__ import annotations

# ISO 4217: currencies whose smallest unit is not a hundredth.
_DECIMALS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
USUAL_DECIMALS = 2


def decimals(currency: str) -> int:
    """How many digits follow the point; two unless ISO 4217 says otherwise."""
    return _DECIMALS.get(currency, USUAL_DECIMALS)


def plain(minor: int, currency: str) -> str:
    """An amount for programs: ``-1234.50``."""
    return _written(minor, currency, "")


def grouped(minor: int, currency: str) -> str:
    """An amount for people: ``-1,234.50``."""
    return _written(minor, currency, ",")


def _written(minor: int, currency: str, separator: str) -> str:
    places = decimals(currency)
    whole, rest = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    fraction = f".{rest:0{places}}" if places else ""
    return f"{sign}{whole:{separator}}{fraction}" if separator else f"{sign}{whole}{fraction}"
