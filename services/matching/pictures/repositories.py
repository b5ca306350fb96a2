"""Pictures kept in MongoDB, one document a host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from pymongo import UpdateOne

from chassis.mongo import Row, collection
from services.matching.pictures.domain import (
    NOTHING_DONE,
    Claimed,
    Conduct,
    HostRecord,
    People,
    Picture,
    Signs,
    Trade,
)

PICTURES = "pictures"
_OF_CONDUCT = {"shown": 1, "record.settled": 1, "claimed": 1}


class MongoPictures:
    """The ``Pictures`` port over the ``pictures`` collection."""

    def conduct_of(self, host_id: str) -> Conduct:
        row = collection(PICTURES).find_one({"_id": host_id}, _OF_CONDUCT)
        if row is None or "record" not in row:
            return NOTHING_DONE
        return Conduct(_shown(row), row["record"]["settled"], _claimed(row))

    def drawn(self, host_id: str) -> Picture:
        """Her picture as it was last drawn; one with nothing on it if it never was."""
        row = collection(PICTURES).find_one({"_id": host_id, "record": {"$exists": True}})
        return to_picture(row) if row else Picture(host_id=host_id)

    def mark(self, host_ids: Iterable[str]) -> None:
        # Counted, because setting what is set already writes nothing: a drawing that is under
        # way would not collide with it, and would take the mark away unseen.
        mark = {"$set": {"due": True}, "$inc": {"marks": 1}}
        marks = [UpdateOne({"_id": each}, mark, upsert=True) for each in sorted(set(host_ids))]
        if marks:
            collection(PICTURES).bulk_write(marks)

    def due(self, *, limit: int) -> list[str]:
        found = collection(PICTURES).find({"due": True}, {"_id": 1})
        # One without failures comes before all that have some.
        found = found.sort([("failures", 1), ("_id", 1)]).limit(limit)
        return [row["_id"] for row in found]

    def set_back(self, host_id: str) -> None:
        collection(PICTURES).update_one({"_id": host_id}, {"$inc": {"failures": 1}})

    def put(self, pictures: Sequence[Picture]) -> None:
        puts = [
            UpdateOne({"_id": each.host_id}, {"$set": _row(each), "$unset": {"failures": ""}})
            for each in pictures
        ]
        if puts:
            collection(PICTURES).bulk_write(puts)

    def mark_undrawn(self) -> None:
        """Have a picture drawn of every host with people who has none, or one of before claims."""
        hosts = collection("communities").aggregate([{"$group": {"_id": "$host_id"}}])
        marks = [
            UpdateOne({"_id": row["_id"]}, {"$setOnInsert": {"due": True}}, upsert=True)
            for row in hosts
        ]
        if marks:
            collection(PICTURES).bulk_write(marks)
        before = collection(PICTURES).find({"claimed": None, "due": False}, {"_id": 1})
        self.mark([row["_id"] for row in before])


def to_picture(row: Row) -> Picture:
    """The picture that a drawn document of ``pictures`` holds."""
    return Picture(
        host_id=row["_id"],
        people=tuple(
            People(
                each["community_id"],
                each["city"],
                each["size"],
                {pair["tag"]: pair["weight"] for pair in each["tags"]},
            )
            for each in row["people"]
        ),
        shown=_shown(row),
        begun=tuple(row["begun"]),
        gatherings=row["gatherings"],
        trade=Trade(**row["trade"]),
        record=HostRecord(**row["record"]),
        claimed=_claimed(row),
    )


def _row(picture: Picture) -> Row:
    return {
        "due": False,
        "tags": sorted(picture.interests),
        "largest": picture.largest,
        "people": [
            {
                **each._asdict(),
                "tags": [{"tag": tag, "weight": weight} for tag, weight in each.tags.items()],
            }
            for each in picture.people
        ],
        "shown": [{"tag": tag, **shown._asdict()} for tag, shown in picture.shown.items()],
        "begun": list(picture.begun),
        "gatherings": picture.gatherings,
        "trade": picture.trade._asdict(),
        "record": asdict(picture.record),
        "claimed": {name: sorted(each) for name, each in picture.claimed._asdict().items()},
    }


def _claimed(row: Row) -> Claimed:
    said = row.get("claimed") or {}
    return Claimed(**{name: frozenset(each) for name, each in said.items()})


def _shown(row: Row) -> dict[str, Signs]:
    return {each.pop("tag"): Signs(**each) for each in row["shown"]}
