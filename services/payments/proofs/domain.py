"""A day of the log, sealed: its root, its place in the chain, its closing balances. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import NotFound
from services.payments.proofs.engine.leaves import canonical
from services.payments.proofs.events import DaySealed

TYPE = "teahouse-ledger-day"
# A writer whose clock lags may still book into a day that is over; after this long none does.
GRACE = timedelta(minutes=2)


class DayNotSealed(NotFound):
    """No root was published for that day, at least not yet."""

    code = "day-not-sealed"
    hint = "A day is sealed minutes after it is over; the first is that of the first entry."
    chinese = "该日尚未封账；每日结束几分钟后公布，最早为首笔分录当日。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """All accounts of one kind and currency together, such as ``org:*:pending``."""

    accounts: str
    currency: str
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDay:
    """One day of a market's log: the segments from ``first`` up to ``end``, exclusive.

    Days follow each other without a gap: each begins with the segment at which the one
    before ended. ``root`` is that of a tree over the roots of its segments, each of them
    that of a tree over its entries (RFC 6962); ``head`` is the hash the log ended with,
    ``balances`` what the accounts held then. ``token`` signs all of it.
    """

    market: str
    day: date
    zone: str
    first: int
    end: int
    entries: int
    root: bytes
    head: bytes
    balances: tuple[Balance, ...]
    segment_roots: tuple[bytes, ...] = ()
    token: str = ""

    @property
    def id(self) -> str:
        """How it is named in events and in the database."""
        return day_id(self.market, self.day)

    def payload(self) -> bytes:
        """What is signed, and shown to everybody: canonical JSON.

        Of the balances only the hash: what the marketplace holds is its own affair, and
        yet cannot be told otherwise later.
        """
        balances = [
            {"accounts": one.accounts, "currency": one.currency, "minor": one.minor}
            for one in self.balances
        ]
        return canonical(
            {
                "balances": hashlib.sha256(canonical(balances)).hexdigest(),
                "day": self.day.isoformat(),
                "end": self.end,
                "entries": self.entries,
                "first": self.first,
                "head": self.head.hex(),
                "market": self.market,
                "root": self.root.hex(),
                "zone": self.zone,
            }
        )

    def sealed(self, token: str, *, at: datetime) -> Decision[SealedDay]:
        """The day with its signature, and the fact that tells it."""
        fact = DaySealed(
            occurred_at=at,
            day_id=self.id,
            market=self.market,
            day=self.day.isoformat(),
            segments=self.end,
            entries=self.entries,
            root=self.root.hex(),
            token=token,
        )
        return Decision(replace(self, token=token), (fact,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """That a hash is the ``index``-th of ``size`` under a root: the siblings on the way up."""

    index: int
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that an entry stands in the books.

    ``content`` is the leaf; ``in_segment`` leads from it to the root of its segment, and
    ``in_day`` from there to the root that ``day`` signs. Both of these come when the day is
    over.
    """

    content: Mapping[str, Any]
    in_segment: Inclusion
    in_day: Inclusion | None = None
    day: SealedDay | None = None


def day_id(market: str, day: date) -> str:
    """How a day is named in events and in the database."""
    return f"{market}:{day.isoformat()}"


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day by the market's clock."""
    return moment.astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """When the day after begins."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def kind_of(path: str) -> str:
    """The kind of an account: its path without the id in the middle."""
    first, _, rest = path.partition(":")
    _, found, last = rest.partition(":")
    return f"{first}:*:{last}" if found else path


def balances_by_kind(accounts: Iterable[tuple[str, str, int]]) -> tuple[Balance, ...]:
    """Add up path, currency and minor units by kind of account, in their order."""
    sums: dict[tuple[str, str], int] = {}
    for path, currency, minor in accounts:
        key = (kind_of(path), currency)
        sums[key] = sums.get(key, 0) + minor
    return tuple(
        Balance(accounts=accounts, currency=currency, minor=minor)
        for (accounts, currency), minor in sorted(sums.items())
    )
