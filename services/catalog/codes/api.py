"""Codes over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, after_this_request, request

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Kind, Permission
from chassis.web import Blueprint, keyless, needs, page, position_of, public, tagged, untransacted
from chassis.web.schemas import PageQuery
from services.catalog.codes import adapters
from services.catalog.codes.domain import CodeBatch
from services.catalog.codes.queries import CodeLists
from services.catalog.codes.schemas import (
    BatchCountSchema,
    CodeBatchPage,
    CodeBatchSchema,
    MakeCodesSchema,
    PartCountsSchema,
    PartQuery,
    SeenSchema,
    SheetQuery,
)
from services.catalog.codes.use_cases import (
    CodeBatches,
    CodeKeys,
    MakeCodes,
    ScanCode,
    Scans,
    Seen,
    make_codes,
    own_batch,
    scan_code,
    withdraw_codes,
    written,
)
from services.catalog.lots.use_cases import Lots
from services.catalog.stock.use_cases import Stock

SVG, CSV, HTML, JSON = "image/svg+xml", "text/csv", "text/html", "application/json"
COOKIE = "visitor"
COOKIE_SECONDS = 400 * 86_400  # the longest that browsers keep one
_VISITOR = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What these routes work with. ``random`` names devices and salts batches."""

    batches: CodeBatches
    scans: Scans
    lists: CodeLists
    keys: CodeKeys
    lots: Lots
    stock: Stock
    ids: Ids
    random: Callable[[], str]
    clock: Clock
    origin: str


def codes_blueprint(press: Press) -> Blueprint:
    """Routes under ``/v1/codes``."""
    blueprint = Blueprint("codes", __name__, url_prefix="/v1/codes", description="Signed codes")

    @blueprint.post("")
    @needs(Permission.CATALOG_CODE_MAKE)
    @blueprint.arguments(MakeCodesSchema)
    @blueprint.response(201, CodeBatchSchema)
    def make_codes_view(body: dict[str, Any]) -> CodeBatch:
        """Make codes for packs of a lot, for invitations, or for a door."""
        caller = principal()
        command = MakeCodes(
            owner_id=caller.organization_id, is_host=caller.kind is Kind.HOST, **body
        )
        return tagged(
            make_codes(
                command,
                batches=press.batches,
                lots=press.lots,
                stock=press.stock,
                keys=press.keys,
                ids=press.ids,
                salt=press.random(),
                now=press.clock(),
            )
        )

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, CodeBatchPage)
    def list_code_batches_view(query: dict[str, Any]) -> dict[str, Any]:
        """The batches of the caller's organisation."""
        limit = query["limit"]
        rows = press.lists.of_owner(
            principal().organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<batch_id>")
    @blueprint.response(200, CodeBatchSchema)
    def read_code_batch_view(batch_id: str) -> CodeBatch:
        """One of the caller's batches."""
        return tagged(_own(batch_id, press))

    @blueprint.post("/<batch_id>/withdrawals")
    @needs(Permission.CATALOG_CODE_MAKE)
    @blueprint.response(201, CodeBatchSchema)
    def withdraw_codes_view(batch_id: str) -> CodeBatch:
        """Let no code of a batch count any more."""
        owner_id = principal().organization_id
        return tagged(withdraw_codes(batch_id, owner_id, batches=press.batches, now=press.clock()))

    @blueprint.get("/<batch_id>/sheet.svg")
    @needs(Permission.CATALOG_CODE_MAKE)
    @blueprint.arguments(SheetQuery, location="query")
    @blueprint.response(200, {"type": "string"}, content_type=SVG)
    def draw_sheet_view(query: dict[str, int], batch_id: str) -> Response:
        """A page of A4 with QR codes to print and cut."""
        batch = _own(batch_id, press)
        codes = written(batch, batch.sheet(query["number"]), keys=press.keys)
        drawn = adapters.sheet(codes, origin=press.origin, count=batch.count)
        return Response(drawn, content_type=SVG)

    @blueprint.get("/<batch_id>/codes.csv")
    @needs(Permission.CATALOG_CODE_MAKE)
    @blueprint.response(200, {"type": "string"}, content_type=CSV)
    def write_codes_view(batch_id: str) -> Response:
        """All codes of a batch with their addresses, for a printer."""
        batch = _own(batch_id, press)
        codes = written(batch, range(1, batch.count + 1), keys=press.keys)
        return Response(adapters.code_table(codes, origin=press.origin), content_type=CSV)

    @blueprint.get("/<batch_id>/scans")
    @blueprint.response(200, BatchCountSchema)
    def count_batch_view(batch_id: str) -> dict[str, Any]:
        """How a batch was scanned, day by day."""
        batch = _own(batch_id, press)
        days = press.lists.by_day(batch_id)
        return {
            "batch_id": batch_id,
            "codes": batch.count,
            "codes_scanned": press.lists.scanned_codes(batch_id),
            "scans": sum(day["scans"] for day in days),
            "days": days,
        }

    @blueprint.get("/<batch_id>/scans.csv")
    @blueprint.response(200, {"type": "string"}, content_type=CSV)
    def write_scans_view(batch_id: str) -> Response:
        """Every scan of a batch, and to whom it is credited."""
        _own(batch_id, press)
        return Response(adapters.scan_table(press.lists.scans(batch_id)), content_type=CSV)

    return blueprint


def scans_blueprint(press: Press) -> Blueprint:
    """Routes under ``/v1/scans``."""
    blueprint = Blueprint("scans", __name__, url_prefix="/v1/scans", description="Scans of codes")

    @blueprint.get("")
    @blueprint.arguments(PartQuery, location="query")
    @blueprint.response(200, PartCountsSchema)
    def count_scans_view(query: dict[str, str]) -> dict[str, Any]:
        """Scans of the caller's codes by lot, host or community."""
        items = press.lists.by_part(principal().organization_id, query["by"])
        return {"by": query["by"], "items": items}

    @blueprint.get("/<code>")
    @public
    @blueprint.response(200, SeenSchema)
    def open_code_view(code: str) -> Seen | Response:
        """What a phone opens that scans a code; counted once a device and day."""
        return _seen(code, press)

    @blueprint.post("/<code>")
    @public
    @keyless
    @untransacted
    @blueprint.response(200, SeenSchema)
    def scan_code_view(code: str) -> Seen | Response:
        """The same for an app that scans."""
        return _seen(code, press)

    return blueprint


def _own(batch_id: str, press: Press) -> CodeBatch:
    return own_batch(batch_id, principal().organization_id, batches=press.batches)


def _seen(code: str, press: Press) -> Seen | Response:
    """Count the scan, and answer with a page where one is wanted."""
    visitor = _visitor(press)
    seen = scan_code(
        ScanCode(text=code, visitor=visitor, is_counted=request.method != "HEAD"),
        keys=press.keys,
        batches=press.batches,
        scans=press.scans,
        lots=press.lots,
        now=press.clock(),
    )
    if request.accept_mimetypes.best_match([JSON, HTML]) != HTML:
        return seen
    answer = Response(adapters.page(seen), content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = adapters.PAGE_POLICY
    return answer


def _visitor(press: Press) -> str:
    """What the device calls itself: chance, kept in a cookie and nowhere else."""
    known = request.cookies.get(COOKIE, "")
    visitor = known if _VISITOR.fullmatch(known) else press.random()

    @after_this_request
    def _(answer: Response) -> Response:
        answer.set_cookie(
            COOKIE,
            visitor,
            max_age=COOKIE_SECONDS,
            path=adapters.PATH,
            secure=press.origin.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
        return answer

    return visitor
