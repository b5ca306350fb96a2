"""The history of documents over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from chassis import history
from chassis.auth import Principal, principal
from chassis.envelope import plain
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import ALPHABET
from chassis.web.blueprints import Blueprint
from chassis.web.pages import number_of, page
from chassis.web.schemas import Moment, PageQuery, Reply, page_of

_ID = validate.Regexp(rf"^[a-z]{{2,4}}_[0-7][{ALPHABET}]{{25}}\Z", error="Not an identifier.")


class HistoryNotFound(NotFound):
    """No history is kept of such a document."""

    code = "history-not-found"
    hint = "Check the identifier and that it belongs to your organisation."
    chinese = "没有这个编号的变更记录，请核对编号及其所属组织。"


class HistoryQuery(PageQuery):
    """Whose history, and which page of it."""

    subject = fields.String(required=True, validate=_ID)


class VersionSchema(Reply):
    """One version of a document: what changed, by whom, why.

    ``reason`` is an operation of this API, the type of a message or a task; ``facts`` are
    the events that say what it meant. The first version has neither before nor after.
    """

    subject = fields.String(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    at = Moment(required=True)
    actor = fields.String(required=True, allow_none=True)
    organization = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    causation_id = fields.String(required=True, allow_none=True)
    trace_id = fields.String(required=True, allow_none=True)
    facts = fields.List(fields.String(), required=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)


HistoryPage = page_of(VersionSchema, "HistoryPage")
_EMPTY: dict[str, Any] = dict.fromkeys(VersionSchema._declared_fields) | {"facts": []}


def history_blueprint() -> Blueprint:
    """The route ``/v1/history``, for the owner of a document and the platform."""
    blueprint = Blueprint(
        "history", __name__, url_prefix="/v1/history", description="What changed, who and why"
    )

    @blueprint.get("")
    @blueprint.arguments(HistoryQuery, location="query")
    @blueprint.response(200, HistoryPage)
    def list_history_view(query: dict[str, Any]) -> dict[str, Any]:
        """Every version of a document, the newest first, with what changed, who and why."""
        limit, below = query["limit"], number_of(query["cursor"]) or None
        rows = history.read(query["subject"], below=below, limit=limit + 1)
        caller = principal()
        themselves = {caller.organization_id, caller.subject}
        is_theirs = all(row.get("owner_id") in themselves for row in rows)
        if not (rows or below) or not (is_theirs or caller.is_platform):
            raise HistoryNotFound(f"no history of {query['subject']}")
        told = [_told(row, caller) for row in rows]
        return page(told, limit=limit, position=_position)

    return blueprint


def _told(row: dict[str, Any], caller: Principal) -> dict[str, Any]:
    """A version as this caller may read it: who of another organisation it was is theirs."""
    if not caller.is_platform and row.get("organization", "") not in {"", caller.organization_id}:
        row.pop("actor", None)
    sides = {str(side): plain(row[side]) for side in ("before", "after") if side in row}
    return _EMPTY | row | sides


def _position(row: dict[str, Any]) -> str:
    return str(row["version"])
