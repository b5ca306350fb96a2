"""The books as beancount reads them: text that another program checks again.

Beancount counts what we have as positive and what we owe or earn as negative, the mirror
image of our sign: an account of ours says what belongs to its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.payments.statements.engine.amounts import plain

INDENT = "  "
# Under which heading of the balance sheet a kind of account stands, by the start of its path.
_HEADINGS = {
    "external": "Assets",
    "platform:fees": "Income",
}
_OTHERS = "Liabilities"
Account = tuple[str, str]


class Moved(NamedTuple):
    """An entry that moved money: its day, id, code, and what it added to which account."""

    day: date
    entry_id: str
    code: str
    legs: Sequence[tuple[Account, int]]


def ledger_text(moved: Iterable[Moved]) -> Iterator[str]:
    """The whole file, a line at a time: accounts as they appear, entries, closing balances.

    The days of entries never fall. Balances are asserted on the day after the last, since
    beancount means the beginning of a day.
    """
    yield 'option "title" "Teahouse"\n'
    balances: dict[Account, int] = {}
    until = date.min
    for entry in moved:
        until = entry.day + timedelta(days=1)
        for account, minor in entry.legs:
            if account not in balances:
                yield f"{entry.day} open {name_of(account)} {account[1]}\n"
            balances[account] = balances.get(account, 0) + minor
        yield f'{entry.day} * "{entry.code}"\n'
        yield f'{INDENT}entry: "{entry.entry_id}"\n'
        for account, minor in entry.legs:
            yield f"{INDENT}{name_of(account)}  {_amount(-minor, account[1])}\n"
    for account, minor in sorted(balances.items()):
        yield f"{until} balance {name_of(account)}  {_amount(-minor, account[1])}\n"


def name_of(account: Account) -> str:
    """What beancount calls an account: parts in capitals, one account a currency."""
    path, currency = account
    first, _, rest = path.partition(":")
    heading = _HEADINGS.get(path) or _HEADINGS.get(first) or _OTHERS
    parts = (part.rpartition("_")[2].upper() for part in rest.split(":"))
    return ":".join((heading, first.capitalize(), *parts, currency))


def _amount(minor: int, currency: str) -> str:
    return f"{plain(minor, currency)} {currency}"
