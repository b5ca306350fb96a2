"""Audits kept in MongoDB."""

from __future__ import annotations

from dataclasses import asdict

from chassis.kernel.ids import derived_id
from chassis.mongo import Row as Stored
from chassis.mongo import collection
from services.matching.audits.documents import AUDITS, ROWS
from services.matching.audits.domain import Audit, Row

ROWS_AT_ONCE = 5_000


class MongoAudits:
    """The ``Audits`` port over ``audits`` and ``audit_rows``."""

    def has(self, audit_id: str) -> bool:
        return collection(AUDITS).find_one({"_id": audit_id}, {"_id": 1}) is not None

    def put_rows(self, made: Audit) -> None:
        rows = [_stored_row(made, row) for row in made.rows]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            collection(ROWS).insert_many(rows[start : start + ROWS_AT_ONCE])

    def add(self, made: Audit) -> None:
        collection(AUDITS).insert_one(stored(made))


def stored(made: Audit) -> Stored:
    """An audit without its rows, as it lies in MongoDB."""
    return {
        "_id": made.id,
        "since": made.window.since,
        "until": made.window.until,
        "made_at": made.made_at,
        "made_by": made.made_by,
        "figures": {
            "brands": asdict(made.brands),
            "hosts": asdict(made.hosts),
            "newcomers": asdict(made.newcomers),
            "reachable": made.reachable,
            "reachable_shown": made.reachable_shown,
            "currency": made.currency,
            "other_subsidies": made.other_subsidies,
            "blocking": made.blocking._asdict() if made.blocking else None,
        },
    }


def _stored_row(made: Audit, row: Row) -> Stored:
    figures = asdict(row)
    side, party_id = figures.pop("side").value, figures.pop("party_id")
    made_at = made.made_at.isoformat(timespec="milliseconds")  # as MongoDB keeps it
    return {
        "_id": derived_id("adr", made.id, made_at, side, party_id),
        "audit_id": made.id,
        "made_at": made.made_at,
        "side": side,
        "party_id": party_id,
        "figures": figures | {"group": row.group.value},
    }
