"""Imports and exports over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import (
    Blueprint,
    accepts,
    done_first,
    first,
    needs,
    number_of,
    page,
    position_of,
    tagged,
)
from chassis.web.schemas import PageQuery
from services.catalog.imports.domain import LotImport
from services.catalog.imports.engine.table import MIMETYPES, FileFormat
from services.catalog.imports.engine.writers import csv_template, xlsx_template
from services.catalog.imports.queries import ImportLists
from services.catalog.imports.schemas import (
    BadLinePage,
    ChangePage,
    ExportQuery,
    ImportPage,
    LotImportSchema,
    TakeFileQuery,
    TemplateQuery,
)
from services.catalog.imports.use_cases import (
    ConfirmImport,
    Imports,
    KeepFile,
    KeptFile,
    TakeFile,
    confirm_import,
    export_lots,
    keep_file,
    own_import,
    take_file,
)
from services.catalog.lots.use_cases import Lots

LIMIT_BYTES = 48 * 1_048_576
CONTENT_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.JSON: "application/json",
}


def imports_blueprint(imports: Imports, lists: ImportLists, ids: Ids, clock: Clock) -> Blueprint:
    """Routes under ``/v1/imports``."""
    blueprint = Blueprint(
        "imports", __name__, url_prefix="/v1/imports", description="Lots from files"
    )

    def keep() -> KeptFile:
        query = blueprint.ARGUMENTS_PARSER.parse(TakeFileQuery(), location="query")
        command = KeepFile(body=request.get_data(), mimetype=request.mimetype, **query)
        return keep_file(command, imports=imports, ids=ids, now=clock())

    @blueprint.post("")
    @needs(Permission.CATALOG_IMPORT_RUN)
    @accepts(*MIMETYPES, limit_bytes=LIMIT_BYTES)
    @first(keep)
    @blueprint.arguments(TakeFileQuery, location="query")
    @blueprint.response(201, LotImportSchema)
    def take_file_view(_query: dict[str, Any]) -> LotImport:
        """Have a file of lots checked, CSV, XLSX or JSON; nothing is published unconfirmed."""
        command = TakeFile(brand_id=principal().organization_id, file=done_first())
        return tagged(take_file(command, imports=imports, now=clock()))

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
    def read_csv_template_view(query: dict[str, Any]) -> Response:
        """The header that is expected, what each column means, and an example line."""
        body = csv_template(chinese=query["language"] == "zh")
        return _download([body], FileFormat.CSV, "template")

    @blueprint.get("/template.xlsx")
    @blueprint.arguments(TemplateQuery, location="query")
    @blueprint.response(200, content_type=CONTENT_TYPES[FileFormat.XLSX])
    def read_xlsx_template_view(query: dict[str, Any]) -> Response:
        """The same as a workbook, with a second sheet that explains the columns."""
        body = xlsx_template(chinese=query["language"] == "zh")
        return _download([body], FileFormat.XLSX, "template")

    @blueprint.get("/<import_id>")
    @blueprint.response(200, LotImportSchema)
    def read_import_view(import_id: str) -> LotImport:
        """One of the caller's imports: what was found, how much is published."""
        return tagged(own_import(import_id, principal().organization_id, imports=imports))

    @blueprint.get("/<import_id>/errors")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, BadLinePage)
    def list_errors_view(query: dict[str, Any], import_id: str) -> dict[str, Any]:
        """The bad lines of an import with all that is wrong with them, in both languages."""
        own_import(import_id, principal().organization_id, imports=imports)
        limit = query["limit"]
        rows = lists.errors(import_id, after=number_of(query["cursor"]), limit=limit + 1)
        return page(rows, limit=limit, position=lambda row: str(row["line"]))

    @blueprint.get("/<import_id>/changes")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ChangePage)
    def list_changes_view(query: dict[str, Any], import_id: str) -> dict[str, Any]:
        """The lines of an import that change a lot, with what was and what would be."""
        own_import(import_id, principal().organization_id, imports=imports)
        limit = query["limit"]
        rows = lists.changes(import_id, after=number_of(query["cursor"]), limit=limit + 1)
        return page(rows, limit=limit, position=lambda row: str(row["line"]))

    @blueprint.post("/<import_id>/confirmations")
    @needs(Permission.CATALOG_IMPORT_RUN)
    @blueprint.response(201, LotImportSchema)
    def confirm_import_view(import_id: str) -> LotImport:
        """Have the good lines published; read the import to see how far that is."""
        command = ConfirmImport(import_id=import_id, brand_id=principal().organization_id)
        return tagged(confirm_import(command, imports=imports, now=clock()))

    return blueprint


def exports_blueprint(lots: Lots) -> Blueprint:
    """The route ``/v1/lots/export``."""
    blueprint = Blueprint("exports", __name__, url_prefix="/v1/lots", description="Lots as files")

    @blueprint.get("/export")
    @blueprint.arguments(ExportQuery, location="query")
    @blueprint.response(200, content_type="text/csv")
    def export_lots_view(query: dict[str, Any]) -> Response:
        """All lots of the caller's organisation as CSV, XLSX or JSON, as an import reads them."""
        form = query["format"]
        return _download(export_lots(principal().organization_id, form, lots=lots), form, "lots")

    return blueprint


def _download(pieces: Any, form: FileFormat, name: str) -> Response:  # noqa: ANN401 - WSGI's own
    answer = Response(pieces, content_type=CONTENT_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer
