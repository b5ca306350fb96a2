"""Prints kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from chassis.mongo import Row, collection
from services.catalog.similarity.domain import Print, Report, Twin
from services.catalog.similarity.engine.likeness import AlikePassage, Likeness

NAME, MARKS = "cartridge_prints", "cartridge_marks"


class MongoPrints:
    """The ``Prints`` port over ``cartridge_prints`` and ``cartridge_marks``."""

    def find(self, digests: Collection[str]) -> dict[str, Print]:
        found = collection(NAME).find({"_id": {"$in": sorted(digests)}}, {"report": 0})
        return {row["_id"]: _to_print(row) for row in found}

    def sharing(self, sought: Sequence[int], of: Print, *, limit: int) -> list[Print]:
        rows = collection(MARKS).aggregate(_most_shared(list(sought), of, limit))
        digests = [row["digest"] for row in rows]
        found = self.find(digests)
        return [found[digest] for digest in digests]

    def earlier(
        self, sought: Sequence[int], author_id: str, before: datetime, *, limit: int
    ) -> list[Print]:
        rows = collection(MARKS).aggregate(_earlier(list(sought), author_id, before, limit))
        found = self.find([row["_id"] for row in rows])
        return [found[digest] for digest in sorted(found)]

    def keep(self, found: Print, said: Report) -> None:
        rows = {NAME: _to_row(found) | {"report": report_row(said)}, MARKS: _marks_row(found)}
        for name, row in rows.items():
            once = UpdateOne({"_id": found.digest}, {"$setOnInsert": row}, upsert=True)
            collection(name).bulk_write([once])

    def kept(self, digest: str) -> Report | None:
        row = collection(NAME).find_one({"_id": digest}, {"report": 1})
        return None if row is None else to_report(row["report"])


def report_row(said: Report) -> Row:
    """A report as it is stored, here and with whoever relies on it."""
    return {
        "digest": said.digest,
        "ancestors": list(said.ancestors),
        "made_at": said.made_at,
        "twins": [twin_row(twin) for twin in said.twins],
    }


def to_report(row: Row) -> Report:
    """The inverse of ``report_row``."""
    return Report(
        digest=row["digest"],
        ancestors=tuple(row["ancestors"]),
        made_at=row["made_at"],
        twins=tuple(to_twin(twin) for twin in row["twins"]),
    )


def twin_row(twin: Twin) -> Row:
    """A twin as it is stored."""
    alike = twin.likeness
    return {
        "digest": twin.digest,
        "cartridge_id": twin.cartridge_id,
        "author_id": twin.author_id,
        "name": twin.name,
        "version": twin.version,
        "published_at": twin.published_at,
        "likeness": {
            **alike._asdict(),
            "passages": [passage._asdict() for passage in alike.passages],
        },
    }


def to_twin(row: Row) -> Twin:
    """The inverse of ``twin_row``."""
    alike = row["likeness"]
    passages = tuple(AlikePassage(**passage) for passage in alike["passages"])
    return Twin(**{**row, "likeness": Likeness(**{**alike, "passages": passages})})


def _most_shared(sought: list[int], of: Print, limit: int) -> list[dict[str, Any]]:
    where = {
        "marks": {"$in": sought},
        "author_id": {"$ne": of.author_id},
        "_id": {"$nin": [of.digest, *of.ancestors]},
        "ancestors": {"$ne": of.digest},
    }
    return [
        {"$match": where},
        {"$project": {"cartridge_id": 1, "shared": _shared(sought)}},
        {"$sort": {"shared": -1, "_id": 1}},
        {
            "$group": {
                "_id": "$cartridge_id",
                "digest": {"$first": "$_id"},
                "shared": {"$first": "$shared"},
            }
        },
        {"$sort": {"shared": -1, "_id": 1}},
        {"$limit": limit},
    ]


def _earlier(
    sought: list[int], author_id: str, before: datetime, limit: int
) -> list[dict[str, Any]]:
    published = {
        "from": NAME,
        "localField": "_id",
        "foreignField": "_id",
        "pipeline": [{"$project": {"published_at": 1}}],
        "as": "print",
    }
    return [
        {"$match": {"marks": {"$in": sought}, "author_id": author_id}},
        {"$project": {"shared": _shared(sought)}},
        {"$lookup": published},
        {"$match": {"print.published_at": {"$lt": before}}},
        {"$sort": {"shared": -1, "_id": 1}},
        {"$limit": limit},
    ]


def _shared(sought: list[int]) -> Row:
    return {"$size": {"$setIntersection": ["$marks", sought]}}


def _to_print(row: Row) -> Print:
    return Print(
        digest=row["_id"],
        cartridge_id=row["cartridge_id"],
        author_id=row["author_id"],
        name=row["name"],
        version=row["number"],
        published_at=row["published_at"],
        ancestors=tuple(row["ancestors"]),
        passages=dict(row["passages"]),
        structure={each["feature"]: each["count"] for each in row["structure"]},
    )


def _to_row(found: Print) -> Row:
    return {
        "cartridge_id": found.cartridge_id,
        "author_id": found.author_id,
        "name": found.name,
        "number": found.version,
        "published_at": found.published_at,
        "ancestors": list(found.ancestors),
        "passages": [[path, text] for path, text in found.passages.items()],
        "structure": [
            {"feature": feature, "count": count} for feature, count in found.structure.items()
        ],
    }


def _marks_row(found: Print) -> Row:
    return {
        "cartridge_id": found.cartridge_id,
        "author_id": found.author_id,
        "ancestors": list(found.ancestors),
        "marks": found.marks,
    }
