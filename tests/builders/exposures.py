"""What hosts were shown and claimed, as it lies in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from services.matching.models.domain import BUILT_IN, Model
from services.matching.models.engine.shown import ShownRows

Row = dict[str, Any]


def an_exposure(number: int, host_id: str, at: datetime, **changes: Any) -> Row:
    """One lot shown to a host, by the built-in model."""
    lot = {
        "lot_id": f"lot_{number}",
        "brand_id": "org_brand",
        "place": 1,
        "score": 300_000,
        "terms": {"affinity": 250_000, "subsidy": 50_000},
        "propensity": 1.0,
        "explored": False,
    }
    given: Row = {
        "_id": f"exp_{number}",
        "host_id": host_id,
        "at": at,
        "model": BUILT_IN.version,
        "seed": 1,
        "shown": [lot],
    }
    return given | changes


def a_confirmed_claim(number: int, host_id: str, lot_id: str, at: datetime, **changes: Any) -> Row:
    """A claim as far as reading what was shown looks at it."""
    given: Row = {
        "_id": f"clm_{number}",
        "host_id": host_id,
        "goods": [{"lot_id": lot_id}],
        "requested_at": at,
        "status": "confirmed",
    }
    return given | changes


def told_of(
    shown: ShownRows, *, model: Model, at: datetime, hosts: Iterable[str]
) -> tuple[list[Row], list[Row]]:
    """Exposures and claims of these columns; every lot is shown once, all at one moment."""
    named, exposures, claims = list(hosts), [], []
    terms = np.round(shown.shares * np.array(model.weights)).astype(int).tolist()
    for page in np.unique(shown.page).tolist():
        rows = np.flatnonzero(shown.page == page).tolist()
        host_id = named[int(shown.host[rows[0]]) % len(named)]
        lots = [
            {
                "lot_id": f"lot_{row}",
                "place": int(shown.place[row]),
                "score": sum(terms[row]),
                "terms": dict(zip(model.weights._fields, terms[row], strict=True)),
                "propensity": 0.1 if shown.explored[row] else 1.0,
                "explored": bool(shown.explored[row]),
            }
            for row in rows
        ]
        told = {"model": model.version, "shown": lots}
        exposures.append(an_exposure(page, host_id, at, **told))
        claims += [
            a_confirmed_claim(row, host_id, f"lot_{row}", at + timedelta(days=1))
            for row in rows
            if shown.claimed[row]
        ]
    return exposures, claims
