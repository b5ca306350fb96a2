"""Exposures kept in MongoDB, one document a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from chassis.mongo import collection
from services.matching.exposures.domain import Exposure

EXPOSURES = "exposures"


class MongoExposureNotes:
    """The collection ``exposures``, which only grows."""

    def add(self, exposures: Iterable[Exposure]) -> None:
        """Keep some in one round trip."""
        collection(EXPOSURES).insert_many(_row(each) for each in exposures)


def _row(exposure: Exposure) -> dict[str, object]:
    row = asdict(exposure)
    return {"_id": row.pop("id"), **row}
