"""Exposures kept in MongoDB, one document a page."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.mongo import Row, collection
from services.matching.exposures.domain import Exposure

EXPOSURES = "exposures"


class MongoExposureNotes:
    """The collection ``exposures``, which only grows."""

    def add(self, exposures: Iterable[Exposure]) -> None:
        """Keep some in one round trip."""
        collection(EXPOSURES).insert_many(_row(each) for each in exposures)


def _row(exposure: Exposure) -> Row:
    """Written out, for ``asdict`` copies every number at ten times the cost."""
    return {
        "_id": exposure.id,
        "host_id": exposure.host_id,
        "at": exposure.at,
        "model": exposure.model,
        "seed": exposure.seed,
        "shown": [
            {
                "lot_id": each.lot_id,
                "brand_id": each.brand_id,
                "place": each.place,
                "score": each.score,
                "terms": each.terms,
                "propensity": each.propensity,
                "explored": each.explored,
            }
            for each in exposure.shown
        ],
    }
