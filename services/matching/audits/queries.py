"""Reads what an audit counts, and audits that were made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from chassis.mongo import Row, collection
from chassis.web import Place
from services.matching.audits.documents import AUDITS, ROWS
from services.matching.audits.domain import (
    AuditNotFound,
    Blocking,
    Facts,
    Listing,
    Outcome,
    Places,
    Window,
)
from services.matching.behaviour.domain import Deed
from services.matching.claims.domain import Status as ClaimStatus
from services.matching.claims.repositories import to_claim

ONCE_CONFIRMED = [ClaimStatus.CONFIRMED, ClaimStatus.SETTLED, ClaimStatus.CANCELLED]
ROWS_AT_ONCE = 500


class AuditLists(Protocol):
    """Audits as they were made."""

    def get(self, audit_id: str) -> Row:
        """One of them; raise ``AuditNotFound``."""
        ...

    def latest(self, *, before: Place | None, limit: int) -> list[Row]:
        """Those made before a place, the latest first.

        Their ids keep another time: that of the day which the worker audits.
        """
        ...

    def rows(self, audit: Row, party_id: str | None) -> Iterator[Row]:
        """The rows of one of them, brands first, by id; of one party where one is named."""
        ...


class MongoAuditLists:
    """The ``AuditLists`` port over ``audits`` and ``audit_rows``."""

    def get(self, audit_id: str) -> Row:
        found = collection(AUDITS).find_one({"_id": audit_id})
        if found is None:
            raise AuditNotFound(f"no audit {audit_id}")
        return _told(found)

    def latest(self, *, before: Place | None, limit: int) -> list[Row]:
        wanted: dict[str, Any] = {}
        if before is not None:
            wanted["made_at"] = {"$lte": before.at}
            wanted["$or"] = [{"made_at": {"$lt": before.at}}, {"_id": {"$lt": before.id}}]
        order = [("made_at", -1), ("_id", -1)]
        # Without the hint the alternatives are looked up one by one and sorted in memory.
        found = collection(AUDITS).find(wanted).sort(order).limit(limit).hint(order)
        return [_told(row) for row in found]

    def rows(self, audit: Row, party_id: str | None) -> Iterator[Row]:
        wanted: dict[str, Any] = {"audit_id": audit["id"], "made_at": audit["made_at"]}
        if party_id is not None:
            wanted |= {"side": {"$in": ["brand", "host"]}, "party_id": party_id}
        found = collection(ROWS).find(wanted).sort([("side", 1), ("party_id", 1)])
        for row in found.batch_size(ROWS_AT_ONCE):
            party = {"side": row["side"], "party_id": row["party_id"]}
            yield party | row["figures"] | {"currency": audit["currency"]}


class MongoBooks:
    """The ``Books`` port over all that matching keeps.

    A claim counts in the window in which it was confirmed, whatever became of it; a gathering
    in that in which it was settled.
    """

    def facts(self, window: Window, *, now: datetime) -> Facts:
        listed, kept = _listed(window, now)
        outcomes = _outcomes(window)
        return Facts(
            listed=listed,
            founded=_founded(window.until),
            records=frozenset(_with_record(window.since)),
            brand_places=_shown(window, "$shown.brand_id"),
            host_places=_shown(window, "$host_id"),
            host_pages=_pages(window),
            brand_outcomes=outcomes.brands,
            host_outcomes=outcomes.hosts,
            currency=outcomes.currency,
            other_subsidies=outcomes.other_subsidies,
            packs_kept=kept,
            blocking=_blocking(),
        )


def _told(row: Row) -> Row:
    """Those made before currencies were told apart have none."""
    figures = {"currency": None, "other_subsidies": {}} | row.pop("figures")
    return {"id": row.pop("_id"), **row, **figures}


def _listed(window: Window, now: datetime) -> tuple[dict[str, Listing], int]:
    """What brands had on offer at any time of the window, and the packs kept for newcomers now.

    Of a lot that was closed it is not known when: it counts if its time was not over before.
    Kept are free packs of open lots, until the time of newcomers is over.
    """
    kept = {"$min": ["$packs_free", {"$ifNull": ["$packs_kept", 0]}]}
    is_kept = {"$and": [{"$not": ["$closed"]}, {"$gt": ["$newcomers_until", now]}]}
    stages: list[Mapping[str, Any]] = [
        {
            "$match": {
                "published_at": {"$lt": window.until},
                "closes_at": {"$gt": window.since},
                "packs_total": {"$gt": 0},
            }
        },
        {
            "$group": {
                "_id": "$brand_id",
                "lots": {"$sum": 1},
                "packs": {"$sum": "$packs_total"},
                "kept": {"$sum": {"$cond": [is_kept, kept, 0]}},
            }
        },
    ]
    found = list(collection("offers").aggregate(stages))
    listed = {row["_id"]: Listing(row["lots"], row["packs"]) for row in found}
    return listed, sum(row["kept"] for row in found)


def _founded(until: datetime) -> dict[str, datetime]:
    """When each host founded her first community."""
    stages: list[Mapping[str, Any]] = [
        {"$match": {"founded_at": {"$lt": until}}},
        {"$group": {"_id": "$host_id", "at": {"$min": "$founded_at"}}},
    ]
    return {row["_id"]: row["at"] for row in collection("communities").aggregate(stages)}


def _with_record(since: datetime) -> Iterator[str]:
    """Hosts with a gathering settled before."""
    wanted = {"deed": Deed.SETTLED.value, "at": {"$lt": since}}
    yield from collection("behaviour").distinct("organization_id", wanted)


def _shown(window: Window, by: str) -> dict[str, Places]:
    """How often each was shown at each place."""
    stages: list[Mapping[str, Any]] = [
        {"$match": {"at": {"$gte": window.since, "$lt": window.until}}},
        {"$unwind": "$shown"},
        {"$group": {"_id": {"by": by, "place": "$shown.place"}, "times": {"$sum": 1}}},
    ]
    places: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in collection("exposures").aggregate(stages):
        places[row["_id"]["by"]][row["_id"]["place"]] = row["times"]
    return dict(places)


def _pages(window: Window) -> dict[str, int]:
    stages: list[Mapping[str, Any]] = [
        {"$match": {"at": {"$gte": window.since, "$lt": window.until}}},
        {"$group": {"_id": "$host_id", "pages": {"$sum": 1}}},
    ]
    return {row["_id"]: row["pages"] for row in collection("exposures").aggregate(stages)}


def _confirmed(window: Window) -> Row:
    """Which claims were confirmed in the window; a rejected one was decided too."""
    return {
        "decided_at": {"$gte": window.since, "$lt": window.until},
        "status": {"$in": ONCE_CONFIRMED},
    }


def _currency(window: Window) -> str | None:
    """That of most claims, of as many the first by name; None without any."""
    stages: list[Mapping[str, Any]] = [
        {"$match": _confirmed(window)},
        {"$group": {"_id": "$currency", "claims": {"$sum": 1}}},
        {"$sort": {"claims": -1, "_id": 1}},
        {"$limit": 1},
    ]
    return next((row["_id"] for row in collection("claims").aggregate(stages)), None)


def _settled(window: Window) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Host and brands of each gathering that was settled in the window."""
    wanted = {
        "deed": Deed.SETTLED.value,
        "at": {"$gte": window.since, "$lt": window.until},
    }
    hosts = {
        row["gathering_id"]: row["organization_id"] for row in collection("behaviour").find(wanted)
    }
    found = collection("gatherings").find(
        {"_id": {"$in": list(hosts)}}, {"brand_id": 1, "goods.brand_id": 1}
    )
    for row in found:
        brands = (goods["brand_id"] for goods in row.get("goods") or [row])
        yield hosts[row["_id"]], tuple(dict.fromkeys(brands))


class _Outcomes(NamedTuple):
    """By brand and by host; of claims in other currencies their subsidies are apart."""

    brands: dict[str, Outcome]
    hosts: dict[str, Outcome]
    currency: str | None
    other_subsidies: dict[str, int]


def _outcomes(window: Window) -> _Outcomes:
    """Claims are read one by one, however many they are.

    A claim of a kit counts once for each of its brands, with each one's packs and subsidy.
    """
    brands: defaultdict[str, Counter[str]] = defaultdict(Counter)
    hosts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    given: Counter[str] = Counter()  # subsidy by offer
    others: Counter[str] = Counter()  # subsidy by currency
    currency = _currency(window)
    # Left to itself MongoDB sends 16 MiB at a time.
    found = collection("claims").find(_confirmed(window)).batch_size(ROWS_AT_ONCE)
    for claim in map(to_claim, found):
        hosts[claim.host_id].update(claims=1, packs=claim.packs)
        for brand_id in claim.brand_ids:
            brands[brand_id].update(claims=1)
        for goods in claim.goods:
            brands[goods.brand_id].update(packs=goods.packs)
        if claim.currency != currency:
            others[claim.currency] += claim.subsidy.minor
            continue
        hosts[claim.host_id].update(subsidy=claim.subsidy.minor)
        for part in claim.subsidies:
            given[part.offer_id] += part.amount.minor
    for offer_id, payer in _payers(given):
        brands[payer].update(subsidy=given[offer_id])
    for host_id, brand_ids in _settled(window):
        hosts[host_id].update(settled=1)
        for brand_id in brand_ids:
            brands[brand_id].update(settled=1)
    return _Outcomes(_counted(brands), _counted(hosts), currency, dict(others))


def _counted(counts: Mapping[str, Counter[str]]) -> dict[str, Outcome]:
    return {name: Outcome(**counted) for name, counted in counts.items()}


def _payers(offer_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Whose each offer is."""
    wanted = {"_id": {"$in": list(offer_ids)}}
    for row in collection("subsidy_offers").find(wanted, {"brand_id": 1}):
        yield row["_id"], row["brand_id"]


def _blocking() -> Blocking | None:
    """Of the last clearing with a result that was no dry run; None while there is none."""
    real = {"result": {"$ne": None}, "order.dry_run": {"$ne": True}}
    found = collection("clearings").find_one(real, sort=[("_id", -1)])
    figures = (found or {}).get("result", {}).get("figures", {}).get("cleared", {})
    if found is None or "blocking_pairs" not in figures:
        return None
    return Blocking(found["_id"], figures["blocking_pairs"])
