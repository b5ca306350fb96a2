"""Cartridges over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from cartridges.form import schema
from cartridges.package import Package
from cartridges.rehearsal import RunSheet
from cartridges.verdict import PACKAGE, Verdict, judge
from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import (
    Blueprint,
    Rank,
    accepts,
    done_first,
    first,
    keyless,
    needs,
    page,
    position_of,
    public,
    rank_of,
    untransacted,
)
from chassis.web.sheets import wants_page
from services.catalog.authors.use_cases import AuthorKeys
from services.catalog.cartridges.domain import CartridgeVersion
from services.catalog.cartridges.queries import CartridgeLists
from services.catalog.cartridges.schemas import (
    CartridgePage,
    CartridgeQuery,
    CartridgeVersionSchema,
    CheckQuery,
    PublishedVersionSchema,
    PublishVersionSchema,
    RatedCartridgeSchema,
    RunSheetQuery,
    RunSheetSchema,
    VerdictSchema,
    YankVersionSchema,
)
from services.catalog.cartridges.use_cases import (
    Cartridges,
    PublishVersion,
    YankVersion,
    bare_package,
    likeness_of,
    likeness_of_draft,
    prepare_version,
    publish_version,
    rehearse,
    whole_package,
    yank_version,
)
from services.catalog.ratings.queries import Figures
from services.catalog.similarity.adapters import page as similarity_page
from services.catalog.similarity.domain import Report
from services.catalog.similarity.schemas import ReportQuery, ReportSchema
from services.catalog.similarity.use_cases import Prints

PACKAGE_TYPE = "application/vnd.teahouse.cartridge"
LIMIT_BYTES = 4 * 1_048_576


def cartridges_blueprint(
    cartridges: Cartridges,
    keys: AuthorKeys,
    lists: CartridgeLists,
    figures: Figures,
    prints: Prints,
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/cartridges``."""
    blueprint = Blueprint(
        "cartridges", __name__, url_prefix="/v1/cartridges", description="Published themes"
    )
    _publishing(blueprint, cartridges, keys, prints, clock)
    _checking(blueprint)
    _comparing(blueprint, cartridges, prints, clock)
    _listing(blueprint, lists, figures)
    _reading(blueprint, cartridges)
    return blueprint


def _publishing(
    blueprint: Blueprint,
    cartridges: Cartridges,
    keys: AuthorKeys,
    prints: Prints,
    clock: Clock,
) -> None:
    def prepared(package: Package) -> PublishVersion:
        return prepare_version(principal().organization_id, package, prints=prints, now=clock())

    def prepare_manifest() -> PublishVersion:
        body = blueprint.ARGUMENTS_PARSER.parse(PublishVersionSchema(), location="json")
        return prepared(bare_package(body["manifest"]))

    def prepare_package() -> PublishVersion:
        return prepared(whole_package(request.get_data()))

    def publish() -> CartridgeVersion:
        return publish_version(done_first(), cartridges=cartridges, keys=keys, prints=prints)

    @blueprint.post("")
    @needs(Permission.CATALOG_CARTRIDGE_PUBLISH)
    @first(prepare_manifest)
    @blueprint.arguments(PublishVersionSchema)
    @blueprint.response(201, PublishedVersionSchema)
    def publish_version_view(_body: dict[str, Any]) -> CartridgeVersion:
        """Publish a theme of a manifest alone; what is published never changes."""
        return publish()

    @blueprint.post("/packages")
    @needs(Permission.CATALOG_CARTRIDGE_PUBLISH)
    @accepts(PACKAGE_TYPE, limit_bytes=LIMIT_BYTES)
    @first(prepare_package)
    @blueprint.response(201, PublishedVersionSchema)
    def publish_package_view() -> CartridgeVersion:
        """Publish a package: a manifest with its files and the signatures of its authors."""
        return publish()

    @blueprint.post("/<cartridge_id>/versions/<version>/yanks")
    @needs(Permission.CATALOG_CARTRIDGE_PUBLISH)
    @blueprint.arguments(YankVersionSchema)
    @blueprint.response(201, CartridgeVersionSchema)
    def yank_version_view(
        body: dict[str, Any], cartridge_id: str, version: str
    ) -> CartridgeVersion:
        """Keep a version from new gatherings; those that are planned go on with it."""
        author_id = principal().organization_id
        command = YankVersion(
            author_id=author_id, cartridge_id=cartridge_id, version=version, **body
        )
        return yank_version(command, cartridges=cartridges, now=clock())


def _checking(blueprint: Blueprint) -> None:
    @blueprint.post("/checks")
    @keyless
    @accepts("application/octet-stream", limit_bytes=LIMIT_BYTES)
    @blueprint.arguments(CheckQuery, location="query")
    @blueprint.response(200, VerdictSchema)
    def check_view(query: dict[str, Any]) -> Verdict:
        """Say what is wrong with a manifest in YAML or JSON, or with a package; keep nothing."""
        return judge(PACKAGE if query["package"] else "", request.get_data())

    @blueprint.get("/schema.json")
    @public
    @blueprint.response(200)
    def read_schema_view() -> Response:
        """The JSON Schema (2020-12) of a manifest, for editors."""
        return jsonify(schema())


def _comparing(blueprint: Blueprint, cartridges: Cartridges, prints: Prints, clock: Clock) -> None:
    @blueprint.post("/comparisons")
    @keyless
    @untransacted  # nothing is written
    @accepts(PACKAGE_TYPE, limit_bytes=LIMIT_BYTES)
    @blueprint.response(200, ReportSchema)
    def compare_package_view() -> Report:
        """Say which published versions of others a package is like; keep nothing."""
        package = whole_package(request.get_data())
        author_id = principal().organization_id
        return likeness_of_draft(author_id, package, prints=prints, now=clock())

    @blueprint.get("/<cartridge_id>/versions/<version>/similar")
    @blueprint.arguments(ReportQuery, location="query")
    @blueprint.response(200, ReportSchema)
    def read_similar_view(
        query: dict[str, str], cartridge_id: str, version: str
    ) -> Report | Response:
        """Which versions of other authors share how much with it; a page where one is wanted."""
        found = likeness_of(
            cartridges.version(cartridge_id, version),
            as_published=query["at"] == "publication",
            prints=prints,
            now=clock(),
        )
        return similarity_page(found) if wants_page() else found


def _listing(blueprint: Blueprint, lists: CartridgeLists, figures: Figures) -> None:
    @blueprint.get("")
    @blueprint.arguments(CartridgeQuery, location="query")
    @blueprint.response(200, CartridgePage)
    def list_cartridges_view(query: dict[str, Any]) -> dict[str, Any]:
        """All cartridges, the caller's own, or the one that a digest pins; or the best rated."""
        limit, cursor = query["limit"], query["cursor"]
        if query["order"] == "rating":
            best = figures.best(after=rank_of(cursor), limit=limit + 1)
            answer = page(best, limit=limit, position=lambda row: str(Rank(*row)))
            answer["items"] = lists.named([cartridge_id for _, cartridge_id in answer["items"]])
            return answer
        rows = lists.cartridges(
            author_id=principal().organization_id if query["mine"] else None,
            digest=query["digest"],
            after=position_of(cursor),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<cartridge_id>")
    @blueprint.response(200, RatedCartridgeSchema)
    def read_cartridge_view(cartridge_id: str) -> dict[str, Any]:
        """A cartridge, its versions, what hosts think of it and what became of its runs."""
        cartridge, found = lists.cartridge(cartridge_id), figures.of_cartridge(cartridge_id)
        versions = [
            {**row, "figures": found["by_digest"].get(row["digest"])}
            for row in cartridge["versions"]
        ]
        return {**cartridge, "versions": versions, "rating": found["rating"]}


def _reading(blueprint: Blueprint, cartridges: Cartridges) -> None:
    @blueprint.get("/<cartridge_id>/versions/<version>")
    @blueprint.response(200, CartridgeVersionSchema)
    def read_version_view(cartridge_id: str, version: str) -> CartridgeVersion:
        """One version with its manifest."""
        return cartridges.version(cartridge_id, version)

    @blueprint.get("/<cartridge_id>/versions/<version>/package")
    @blueprint.response(200, content_type=PACKAGE_TYPE)
    def read_package_view(cartridge_id: str, version: str) -> Response:
        """The file of a version, as it can be carried to another installation."""
        package = cartridges.version(cartridge_id, version).package
        named = {"Content-Disposition": f'attachment; filename="{package.file_name}"'}
        return Response(package.content(), content_type=PACKAGE_TYPE, headers=named)

    @blueprint.get("/<cartridge_id>/versions/<version>/run-sheet")
    @blueprint.arguments(RunSheetQuery, location="query")
    @blueprint.response(200, RunSheetSchema)
    def read_run_sheet_view(query: dict[str, Any], cartridge_id: str, version: str) -> RunSheet:
        """What would happen and what would be needed, for these people at this time."""
        return rehearse(cartridges.version(cartridge_id, version), **query)
