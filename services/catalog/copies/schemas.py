"""The JSON of copy claims."""

from __future__ import annotations

from marshmallow import fields, validate

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
from services.catalog.copies.domain import ClaimState, Outcome
from services.catalog.similarity.schemas import TwinSchema


class OpenCopyClaimSchema(Request):
    """Body of ``POST /v1/copy-claims``: your version, the one that copies it, and how you know."""

    original_digest = fields.String(required=True, validate=A_DIGEST)
    accused_digest = fields.String(required=True, validate=A_DIGEST)
    statement = Text(2000, required=True)


class CopyWordsSchema(Request):
    """Body of an answer or an appeal."""

    text = Text(2000, required=True)


class RuleOnCopySchema(Request):
    """Body of ``POST .../rulings``; both authors read the reasons and the reviewer's name."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    reasons = Text(2000, required=True)
    reviewer_name = Text(80, required=True)


class CopyClaimQuery(PageQuery):
    """Query of the list of copy claims."""

    state = fields.String(
        load_default=None, validate=validate.OneOf([state.value for state in ClaimState])
    )


class ClaimedVersionSchema(Reply):
    """One of the two versions."""

    cartridge_id = IdField("crt", required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    author_id = IdField("org", required=True)
    published_at = Moment(required=True)


class RulingSchema(Reply):
    """What a reviewer decided, and why."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    reasons = fields.String(required=True)
    reviewer_id = fields.String(required=True)
    reviewer_name = fields.String(required=True)
    ruled_at = Moment(required=True)


class SilenceSchema(Reply):
    """What happens when nobody speaks until ``due_at``."""

    english = fields.String(required=True)
    chinese = fields.String(required=True)


class CopyClaimSchema(Reply):
    """A copy claim; ``evidence`` says how much of the accused version is in the original."""

    id = IdField("cpc", required=True)
    original = fields.Nested(ClaimedVersionSchema, required=True)
    accused = fields.Nested(ClaimedVersionSchema, required=True)
    statement = fields.String(required=True)
    evidence = fields.Nested(TwinSchema, required=True)
    payees = fields.Dict(
        keys=fields.String(),
        values=StrictInteger(),
        required=True,
        metadata={"description": "Who gets the royalties if it is upheld, in basis points."},
    )
    opened_at = Moment(required=True)
    state = fields.String(required=True)
    due_at = Moment(allow_none=True)
    silence = fields.Nested(SilenceSchema, allow_none=True)
    answer = fields.String(allow_none=True)
    rulings = fields.List(fields.Nested(RulingSchema), required=True)
    appeal = fields.String(allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, allow_none=True)
    closed_at = Moment(allow_none=True)


CopyClaimPage = page_of(CopyClaimSchema, "CopyClaimPage")
