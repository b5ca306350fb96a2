"""Sealed days over MongoDB, and what signs them."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.mongo import Row, atomically, collection
from chassis.signer import Signer, signed
from services.payments.proofs.documents import DAYS, DayDocument
from services.payments.proofs.domain import TYPE, Balance, SealedDay

HASH_BYTES = 32


class MongoDays:
    """The ``Days`` port over the ``ledger_days`` collection."""

    def __init__(self, market: str) -> None:
        self._market = market

    def last(self) -> SealedDay | None:
        """The latest, if there is any."""
        return _found(collection(DAYS).find_one({"market": self._market}, sort=[("day", -1)]))

    def add(self, decision: Decision[SealedDay]) -> None:
        """Keep a day for ever, with its fact; raise ``Conflict`` when it is there already."""
        day = decision.state
        document = DayDocument(**_values(day))
        atomically(lambda: outbox.save(document, Revision(), decision.events))


def signing(signer: Signer) -> Any:  # noqa: ANN401 - a Sign, whose module knows no signer
    """Sign with the current key of a signer."""
    return lambda payload: signed(payload, type=TYPE, key=signer.current())


def to_day(row: Row) -> SealedDay:
    """A sealed day as it was stored."""
    roots = row["segment_roots"]
    return SealedDay(
        market=row["market"],
        day=date.fromisoformat(row["day"]),
        zone=row["zone"],
        first=row["first"],
        end=row["end"],
        entries=row["entries"],
        root=row["root"],
        head=row["head"],
        balances=tuple(
            Balance(accounts=accounts, currency=currency, minor=minor)
            for accounts, currency, minor in row["balances"]
        ),
        segment_roots=tuple(
            roots[place : place + HASH_BYTES] for place in range(0, len(roots), HASH_BYTES)
        ),
        token=row["token"],
    )


def _found(row: Row | None) -> SealedDay | None:
    return None if row is None else to_day(row)


def _values(day: SealedDay) -> dict[str, Any]:
    return {
        "id": day.id,
        "market": day.market,
        "day": day.day.isoformat(),
        "zone": day.zone,
        "first": day.first,
        "end": day.end,
        "entries": day.entries,
        "root": day.root,
        "head": day.head,
        "balances": [[one.accounts, one.currency, one.minor] for one in day.balances],
        "segment_roots": b"".join(day.segment_roots),
        "token": day.token,
    }
