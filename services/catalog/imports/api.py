"""Imports over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, accepts, needs, number_of, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.catalog.imports.domain import LotImport
from services.catalog.imports.engine.check import template
from services.catalog.imports.queries import ImportLists
from services.catalog.imports.schemas import (
    BadLinePage,
    CheckFileQuery,
    ImportPage,
    LotImportSchema,
    TemplateQuery,
)
from services.catalog.imports.use_cases import (
    CheckFile,
    ConfirmImport,
    Imports,
    check_file,
    confirm_import,
    own_import,
)

LIMIT_BYTES = 16 * 1_048_576


def imports_blueprint(
    imports: Imports, lists: ImportLists, ids: Ids, clock: Clock, *, most_lines: int
) -> Blueprint:
    """Routes under ``/v1/imports``."""
    blueprint = Blueprint(
        "imports", __name__, url_prefix="/v1/imports", description="Lots from CSV files"
    )

    @blueprint.post("")
    @needs(Permission.CATALOG_IMPORT_RUN)
    @accepts("text/csv", limit_bytes=LIMIT_BYTES)
    @blueprint.arguments(CheckFileQuery, location="query")
    @blueprint.response(201, LotImportSchema)
    def check_file_view(query: dict[str, Any]) -> LotImport:
        """Check a CSV file of lots line by line; nothing is published before it is confirmed."""
        command = CheckFile(brand_id=principal().organization_id, body=request.get_data(), **query)
        return tagged(
            check_file(command, imports=imports, ids=ids, now=clock(), most_lines=most_lines)
        )

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ImportPage)
    def list_imports_view(query: dict[str, Any]) -> dict[str, Any]:
        """The imports of the caller's organisation."""
        limit = query["limit"]
        rows = lists.of_brand(
            principal().organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/template.csv")
    @blueprint.arguments(TemplateQuery, location="query")
    @blueprint.response(200, content_type="text/csv")
    def read_template_view(query: dict[str, Any]) -> Response:
        """The header that is expected, and an example line."""
        text = template(chinese=query["language"] == "zh")
        return Response(text.encode(), content_type="text/csv; charset=utf-8")

    @blueprint.get("/<import_id>")
    @blueprint.response(200, LotImportSchema)
    def read_import_view(import_id: str) -> LotImport:
        """One of the caller's imports: what was found, how much is published."""
        return tagged(own_import(import_id, principal().organization_id, imports=imports))

    @blueprint.get("/<import_id>/errors")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, BadLinePage)
    def list_errors_view(query: dict[str, Any], import_id: str) -> dict[str, Any]:
        """Every bad line of an import with all that is wrong with it, in both languages."""
        own_import(import_id, principal().organization_id, imports=imports)
        limit = query["limit"]
        rows = lists.errors(import_id, after=number_of(query["cursor"]), limit=limit + 1)
        return page(rows, limit=limit, position=lambda row: str(row["line"]))

    @blueprint.post("/<import_id>/confirmations")
    @needs(Permission.CATALOG_IMPORT_RUN)
    @blueprint.response(201, LotImportSchema)
    def confirm_import_view(import_id: str) -> LotImport:
        """Have the good lines published; read the import to see how far that is."""
        command = ConfirmImport(import_id=import_id, brand_id=principal().organization_id)
        return tagged(confirm_import(command, imports=imports, now=clock()))

    return blueprint
