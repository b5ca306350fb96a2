"""Audits over HTTP: made on demand, read as JSON or as a page, downloaded by those concerned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.mongo import Row
from chassis.permissions import Permission
from chassis.web import (
    Blueprint,
    Place,
    done_first,
    first,
    internal,
    keyless,
    needs,
    page,
    place_of,
)
from chassis.web.sheets import wants_page
from services.matching.audits.adapters.csv_text import csv_lines
from services.matching.audits.adapters.page import page as audit_page
from services.matching.audits.domain import Audit, AuditNotFound
from services.matching.audits.queries import AuditLists
from services.matching.audits.schemas import (
    AuditPage,
    AuditSchema,
    AuditsQuery,
    MakeAuditSchema,
    MakeNamedAuditSchema,
    visible,
)
from services.matching.audits.use_cases import (
    Audits,
    Books,
    keep_audit,
    last_days,
    make_audit,
)

CSV, OPERATOR = "text/csv", "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditing:
    """What these routes work with."""

    books: Books
    audits: Audits
    lists: AuditLists
    clock: Clock
    ids: Ids

    def count(self, audit_id: str, days: int, by: str) -> Audit | None:
        """Count so many days up to now; None when there is an audit under this id."""
        now = self.clock()
        window = last_days(days, now)
        return make_audit(audit_id, window, by=by, books=self.books, audits=self.audits, now=now)

    def kept(self, made: Audit | None, audit_id: str) -> Row:
        """Store what was counted, and answer with the audit of this id."""
        if made is not None:
            keep_audit(made, audits=self.audits)
        return self.lists.get(audit_id)


def audits_blueprint(auditing: Auditing) -> Blueprint:
    """Routes under ``/v1/audits``, and ``/internal/audits`` for ``teahouse match audit``."""
    blueprint = Blueprint(
        "audits", __name__, description="Who was shown and who got something, and how evenly"
    )
    _making(blueprint, auditing)
    _reading(blueprint, auditing)
    _operating(blueprint, auditing)
    return blueprint


def _making(blueprint: Blueprint, auditing: Auditing) -> None:
    """Add the route by which the platform has an audit made."""

    def count() -> Audit | None:
        body = blueprint.ARGUMENTS_PARSER.parse(MakeAuditSchema(), location="json")
        return auditing.count(auditing.ids("aud"), body["days"], principal().organization_id)

    @blueprint.post("/v1/audits")
    @needs(Permission.MATCHING_AUDIT_MAKE)
    @first(count)
    @blueprint.arguments(MakeAuditSchema)
    @blueprint.response(201, AuditSchema)
    def make_audit_view(_body: dict[str, Any]) -> Row:
        """Audit the days up to now; what is found is kept and never changes."""
        made: Audit = done_first()
        return auditing.kept(made, made.id)


def _reading(blueprint: Blueprint, auditing: Auditing) -> None:
    """Add the routes that show audits, each as far as its caller may see it."""

    @blueprint.get("/v1/audits")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.arguments(AuditsQuery, location="query")
    @blueprint.response(200, AuditPage)
    def list_audits_view(query: dict[str, Any]) -> dict[str, Any]:
        """The audits, latest first."""
        limit = query["limit"]
        found = auditing.lists.latest(before=place_of(query["cursor"]), limit=limit + 1)
        shown = [_seen(audit) for audit in found]
        return page(
            shown, limit=limit, position=lambda audit: str(Place(audit["made_at"], audit["id"]))
        )

    @blueprint.get("/v1/audits/<audit_id>")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.response(200, AuditSchema)
    def read_audit_view(audit_id: str) -> Row | Response:
        """One audit; a page with plots where one is wanted."""
        found = _seen(auditing.lists.get(audit_id))
        return audit_page(found) if wants_page() else found

    @blueprint.get("/v1/audits/<audit_id>/rows.csv")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.response(200, content_type=CSV)
    def read_rows_view(audit_id: str) -> Response:
        """Its rows as a table: the platform's all, anybody else's those about her alone."""
        caller, found = principal(), auditing.lists.get(audit_id)
        mine = None if caller.is_platform else caller.organization_id
        answer = Response(
            csv_lines(auditing.lists.rows(found, mine)),
            content_type=f"{CSV}; charset=utf-8",
        )
        answer.headers["Content-Disposition"] = f'attachment; filename="{found["id"]}.csv"'
        return answer


def _operating(blueprint: Blueprint, auditing: Auditing) -> None:
    """Add the routes of the command line."""

    def count() -> Audit | None:
        body = blueprint.ARGUMENTS_PARSER.parse(MakeNamedAuditSchema(), location="json")
        return auditing.count(body["id"], body["days"], OPERATOR)

    @blueprint.get("/internal/audits")
    @internal
    @blueprint.response(200, AuditSchema)
    def read_latest_audit_view() -> Row:
        """The latest audit, whole; ``audit-not-found`` before the first."""
        for found in auditing.lists.latest(before=None, limit=1):
            return found
        raise AuditNotFound("none was made yet")

    @blueprint.post("/internal/audits")
    @internal
    @keyless
    @first(count)
    @blueprint.arguments(MakeNamedAuditSchema)
    @blueprint.response(200, AuditSchema)
    def make_named_audit_view(body: dict[str, Any]) -> Row:
        """Audit the days up to now under the caller's id; a repeat finds what was made."""
        return auditing.kept(done_first(), body["id"])


def _seen(audit: Row) -> Row:
    return visible(audit, sees_all=principal().is_platform)
