"""The JSON of cartridges."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema
from webargs.fields import DelimitedList

from chassis.web.schemas import (
    A_DIGEST,
    IdField,
    Moment,
    PageQuery,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.ratings.schemas import RatingSummarySchema, RunFiguresSchema
from services.catalog.similarity.domain import Report
from services.catalog.similarity.schemas import ReportSchema

_LANGUAGE = validate.OneOf(("zh", "en"))


class PublishVersionSchema(Request):
    """Body of ``POST /v1/cartridges``; the manifest follows ``cartridge.schema.json``."""

    manifest = fields.Dict(keys=fields.String(), required=True)


class YankVersionSchema(Request):
    """Body of ``POST .../yanks``."""

    reason = Text(200, required=True)


class CheckQuery(Request):
    """Query of ``POST /v1/cartridges/checks``."""

    package = fields.Boolean(load_default=False)


class CartridgeQuery(PageQuery):
    """Query of the list of cartridges; ``order=rating`` has those that were rated, best first."""

    mine = fields.Boolean(load_default=False)
    order = fields.String(
        load_default="published", validate=validate.OneOf(("published", "rating"))
    )
    digest = fields.String(load_default=None, validate=A_DIGEST)

    @validates_schema
    def check_order(self, values: dict[str, Any], **_: object) -> None:
        """The best rated are of everybody."""
        if values["order"] == "rating" and (values["mine"] or values["digest"]):
            raise ValidationError("Goes with neither mine nor digest.", "order")


class RunSheetQuery(Request):
    """Query of a run sheet: who comes, when and where. What is not said is what is usual."""

    people = fields.Integer(required=True, validate=validate.Range(min=1, max=5000))
    language = fields.String(load_default="zh", validate=_LANGUAGE)
    month = fields.Integer(validate=validate.Range(min=1, max=12))
    weekday = fields.Integer(validate=validate.Range(min=1, max=7))
    hour = fields.Integer(validate=validate.Range(min=0, max=23))
    capacity = fields.Integer(validate=validate.Range(min=1, max=5000))
    indoor = fields.Boolean()
    equipment = DelimitedList(Text(40), validate=validate.Length(max=30))
    community_size = fields.Integer(validate=validate.Range(min=1, max=5_000_000))
    community_tags = DelimitedList(Text(40), validate=validate.Length(max=30))
    gatherings_held = fields.Integer(validate=validate.Range(min=0, max=1_000_000))
    certificates = DelimitedList(Text(40), validate=validate.Length(max=30))

    @post_load
    def to_facts(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        """Lists as the facts of a condition have them."""
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }


class FindingSchema(Reply):
    """One thing to put right; ``path`` is a JSON pointer (RFC 6901)."""

    path = fields.String(required=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)
    hint = fields.String(required=True)
    chinese = fields.String(required=True)


class VerdictSchema(Reply):
    """What a check found; the digest is empty when there is anything to put right."""

    digest = fields.String(required=True)
    problems = fields.List(fields.Nested(FindingSchema), required=True)


class CartridgeVersionSchema(Reply):
    """One published version; its digest pins it."""

    cartridge_id = IdField("crt", required=True)
    author_id = IdField("org", required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    manifest = fields.Dict(required=True)
    signed_by = fields.Function(lambda version: sorted(version.package.signatures))
    royalties = fields.Dict(
        keys=fields.String(),
        values=StrictInteger(),
        required=True,
        metadata={"description": "Basis points of the royalty by organisation."},
    )
    yanked_because = fields.String(required=True)
    published_at = Moment(required=True)


class WarningSchema(Reply):
    """Something an author should know of what she has published; nothing was refused."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    hint = fields.String(required=True)
    chinese = fields.String(required=True)
    report = fields.Nested(ReportSchema, required=True)


class PublishedVersionSchema(CartridgeVersionSchema):
    """A version as its author is told of it: with what she should know, if there is anything."""

    warnings = fields.Function(
        lambda version: _warnings(version.report),
        metadata={"type": "array", "items": {"type": "object"}},
    )


def _warnings(report: Report | None) -> list[dict[str, Any]]:
    if report is None or not report.is_suspicious:
        return []
    warning = {
        "code": "very-like-another",
        "title": "It is very like a cartridge of another author",
        "hint": "If it is made from that one, name it as parent; else keep proof it is yours.",
        "chinese": "与另一位作者的卡带高度相似；如系改编请声明来源，否则请保留原创证据。",
        "report": report,
    }
    return [WarningSchema().dump(warning)]


class PinnedVersionSchema(Reply):
    """A version and its digest, and why it was yanked if it was."""

    version = fields.String(required=True)
    digest = fields.String(required=True)
    yanked_because = fields.String()


class CartridgeSchema(Reply):
    """A cartridge and its versions, in the order they were published."""

    id = IdField("crt", required=True)
    author_id = IdField("org", required=True)
    name = fields.String(required=True)
    latest = fields.String(required=True)
    versions = fields.List(fields.Nested(PinnedVersionSchema), required=True)


class FiguredVersionSchema(PinnedVersionSchema):
    """A version and what became of its settled runs; None without any."""

    figures = fields.Nested(RunFiguresSchema, required=True, allow_none=True)


class RatedCartridgeSchema(CartridgeSchema):
    """A cartridge with its rating, and its versions with their figures."""

    rating = fields.Nested(RatingSummarySchema, required=True)
    versions = fields.List(fields.Nested(FiguredVersionSchema), required=True)


CartridgePage = page_of(CartridgeSchema, "CartridgePage")


class ProgrammeStepSchema(Reply):
    """Something that happens; minutes count from the beginning."""

    starts_minute = StrictInteger(required=True)
    minutes = StrictInteger(required=True)
    title = fields.String(required=True)
    role = fields.String(required=True)
    text = fields.String()


class RoleSchema(Reply):
    """Who does something, and how many of them."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    count = StrictInteger(required=True)


class AmountSchema(Reply):
    """What is needed, for everybody together."""

    title = fields.String(required=True)
    quantity = StrictInteger(required=True)
    optional = fields.Boolean(required=True)


class TrainingSchema(Reply):
    """A certificate that whoever has the role must hold; without a role, the host."""

    certificate = fields.String(required=True)
    role = fields.String()


class QuestionSchema(Reply):
    """What guests are asked when they register."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    required = fields.Boolean(required=True)


class PointSchema(Reply):
    """Something to tick off."""

    when = fields.String(required=True)
    text = fields.String(required=True)


class EvidenceSchema(Reply):
    """What shows that it was held."""

    kind = fields.String(required=True)
    text = fields.String(required=True)
    required = fields.Boolean(required=True)


class RunSheetSchema(Reply):
    """A run for these people in one language; ``refusals`` says why it must not be run so."""

    title = fields.String(required=True)
    people = StrictInteger(required=True)
    teams = StrictInteger(required=True)
    minutes = StrictInteger(required=True)
    refusals = fields.List(fields.String(), required=True)
    steps = fields.List(fields.Nested(ProgrammeStepSchema), required=True)
    roles = fields.List(fields.Nested(RoleSchema), required=True)
    materials = fields.List(fields.Nested(AmountSchema), required=True)
    kit = fields.List(fields.Nested(AmountSchema), required=True)
    training = fields.List(fields.Nested(TrainingSchema), required=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True)
    checklist = fields.List(fields.Nested(PointSchema), required=True)
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
