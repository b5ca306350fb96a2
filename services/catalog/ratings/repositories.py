"""Runs and ratings kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pymongo import UpdateOne

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.mongo import Row, collection
from services.catalog.ratings.documents import RatingDocument
from services.catalog.ratings.domain import Rating, VerifiedRun
from services.catalog.ratings.engine.means import bayesian_mean
from services.catalog.ratings.use_cases import GuestStars, PacksBack, SettledRun

RUNS, RATINGS, STANDINGS = "cartridge_runs", "cartridge_ratings", "cartridge_standings"
RATING_SUMS: Row = {"ratings": {"$sum": 1}, "stars": {"$sum": "$stars"}}


class MongoRuns:
    """The ``Runs`` port over ``cartridge_runs``; the inbox lets nothing count twice."""

    def verified(self, gathering_id: str) -> VerifiedRun | None:
        row = collection(RUNS).find_one({"_id": gathering_id, "is_settled": True})
        if row is None:
            return None
        return VerifiedRun(
            gathering_id=gathering_id,
            host_id=row["host_id"],
            cartridge_id=row["cartridge_id"],
            digest=row["digest"],
        )

    def note_settled(self, settled: Sequence[SettledRun]) -> None:
        _upsert(
            (
                run.gathering_id,
                {
                    "$set": {
                        "host_id": run.host_id,
                        "cartridge_id": run.cartridge_id,
                        "digest": run.digest,
                        "checked_in": checked_in,
                        "is_settled": True,
                    }
                },
            )
            for run, checked_in in settled
        )

    def note_stars(self, given: Sequence[GuestStars]) -> None:
        _upsert(
            (gathering_id, {"$inc": {"guest_stars": stars, "guest_ratings": 1}})
            for gathering_id, stars in given
        )

    def note_returns(self, returned: Sequence[PacksBack]) -> None:
        _upsert(
            (gathering_id, {"$inc": {"packs_returned": packs}}) for gathering_id, packs in returned
        )


class MongoRatings:
    """The ``Ratings`` port over ``cartridge_ratings`` and ``cartridge_standings``."""

    def of(self, gathering_id: str) -> Rating | None:
        document = RatingDocument.objects(gathering_id=gathering_id).first()
        return None if document is None else _to_domain(document)

    def save(self, decision: Decision[Rating]) -> Rating:
        rating, events, messages = decision
        revision = outbox.save(_to_document(rating), rating.revision, events, messages)
        _reckon(rating.cartridge_id)
        return replace(rating, revision=revision)


def _reckon(cartridge_id: str) -> None:
    """Add up from the ratings, so that no sum can drift; two at once conflict, and one retries."""
    given = summed(RATINGS, cartridge_id, RATING_SUMS)
    stars, count = (sum(row[name] for row in given) for name in ("stars", "ratings"))
    standing = {"bayesian": bayesian_mean(stars, count), "ratings": count}
    collection(STANDINGS).bulk_write(
        [
            UpdateOne(
                {"_id": cartridge_id}, {"$set": standing, "$inc": {"reckoned": 1}}, upsert=True
            )
        ]
    )


def summed(name: str, cartridge_id: str, sums: Row) -> list[Row]:
    """Sums over a cartridge's runs or ratings, a row a version; added up in the database."""
    steps = [{"$match": {"cartridge_id": cartridge_id}}, {"$group": {"_id": "$digest", **sums}}]
    return list(collection(name).aggregate(steps))


def _upsert(changes: Iterable[tuple[str, Row]]) -> None:
    collection(RUNS).bulk_write(
        [UpdateOne({"_id": name}, change, upsert=True) for name, change in changes]
    )


def _to_domain(document: RatingDocument) -> Rating:
    return Rating(
        gathering_id=document.gathering_id,
        host_id=document.host_id,
        cartridge_id=document.cartridge_id,
        digest=document.digest,
        stars=document.stars,
        sentence=document.sentence,
        rated_at=document.rated_at,
        changed_at=document.changed_at,
        revision=document.revision(),
    )


def _to_document(rating: Rating) -> RatingDocument:
    return RatingDocument(
        id=rating.id,
        gathering_id=rating.gathering_id,
        host_id=rating.host_id,
        cartridge_id=rating.cartridge_id,
        digest=rating.digest,
        stars=rating.stars,
        sentence=rating.sentence,
        rated_at=rating.rated_at,
        changed_at=rating.changed_at,
    )
