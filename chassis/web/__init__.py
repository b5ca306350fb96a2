"""HTTP for every service: one transaction a request, problem+json, idempotency, OpenAPI."""

from __future__ import annotations

from chassis.web.app import ServiceApp
from chassis.web.blueprints import (
    Blueprint,
    accepts,
    done_first,
    first,
    internal,
    keyed,
    keyless,
    needs,
    public,
    untransacted,
)
from chassis.web.history import history_blueprint
from chassis.web.idempotency import id_by_key
from chassis.web.keys import signer_blueprint
from chassis.web.pages import (
    Place,
    Rank,
    check_if_match,
    cursor_of,
    etag,
    number_of,
    page,
    place_of,
    position_of,
    rank_of,
    tagged,
)

__all__ = [
    "Blueprint",
    "Place",
    "Rank",
    "ServiceApp",
    "accepts",
    "check_if_match",
    "cursor_of",
    "done_first",
    "etag",
    "first",
    "history_blueprint",
    "id_by_key",
    "internal",
    "keyed",
    "keyless",
    "needs",
    "number_of",
    "page",
    "place_of",
    "position_of",
    "public",
    "rank_of",
    "signer_blueprint",
    "tagged",
    "untransacted",
]
