"""What the auditor last found."""

from __future__ import annotations

from chassis.mongo import Row, collection
from services.payments.audits.documents import AUDITS
from services.payments.ledger.documents import CURSORS, SEGMENTS


def latest_audit(market: str) -> Row:
    """The last audit; of a market not audited yet, one that compared nothing."""
    nothing: Row = {"at": None, "segments": 0, "behind": 0, "mismatches": 0, "findings": []}
    return nothing | (collection(AUDITS).find_one({"_id": market}) or {})


def projection(market: str) -> Row:
    """How many segments are projected and how many are not; all of them before a rebuild."""
    cursor = collection(CURSORS).find_one({"_id": market}) or {}
    latest = collection(SEGMENTS).find_one({}, {"_id": 1}, sort=[("_id", -1)])
    whole = latest["_id"] + 1 if latest else 0
    done = 0 if cursor.get("resetting") else cursor.get("segment", 0)
    return {"segments": done, "behind": whole - done}
