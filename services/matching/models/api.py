"""Ranking models over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, done_first, first, internal, needs, page, position_of
from chassis.web.schemas import PageQuery
from chassis.web.sheets import wants_page
from services.matching.models.adapters import card_page
from services.matching.models.domain import Model, Trial
from services.matching.models.queries import ModelLists
from services.matching.models.schemas import (
    ModelPage,
    ModelSchema,
    ModelTrialSchema,
    PromoteModelSchema,
    TrialQuery,
    model_reply,
)
from services.matching.models.use_cases import (
    ExposureLog,
    Models,
    learn_model,
    promote_model,
    try_model,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """What these routes work with."""

    models: Models
    lists: ModelLists
    exposures: ExposureLog
    clock: Clock
    ids: Ids

    def tried(self, model: Model) -> Trial:
        """The model judged by what there is to judge it by now."""
        return try_model(model, models=self.models, exposures=self.exposures, now=self.clock())


def models_blueprint(school: School) -> Blueprint:
    """Routes under ``/v1/models``."""
    blueprint = Blueprint(
        "models", __name__, url_prefix="/v1/models", description="By which weights offers rank"
    )
    _reading(blueprint, school)
    _deciding(blueprint, school)
    return blueprint


def _reading(blueprint: Blueprint, school: School) -> None:
    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ModelPage)
    def list_models_view(query: dict[str, Any]) -> dict[str, Any]:
        """Every model with its card, latest first; the built-in one is the last."""
        limit = query["limit"]
        found = school.lists.latest(before=position_of(query["cursor"]), limit=limit + 1)
        rows = [model_reply(model) for model in found]
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<model_id>")
    @blueprint.response(200, ModelSchema)
    def read_model_view(model_id: str) -> dict[str, Any] | Response:
        """The card of a model; a page in both languages where a browser asks."""
        model = school.models.get(model_id)
        return card_page(model) if wants_page() else model_reply(model)


def _deciding(blueprint: Blueprint, school: School) -> None:
    def learned() -> Model:
        return learn_model(
            principal().subject,
            models=school.models,
            exposures=school.exposures,
            ids=school.ids,
            now=school.clock(),
        )

    def tried() -> Trial:
        arguments = request.view_args or {}
        return school.tried(school.models.get(arguments["model_id"]))

    @blueprint.post("")
    @needs(Permission.MATCHING_MODEL_PROMOTE)
    @first(learned)
    @blueprint.response(201, ModelSchema)
    def learn_model_view() -> dict[str, Any]:
        """Learn a candidate from what was shown and claimed, judged against what ranks now."""
        return model_reply(school.models.save(done_first()))

    @blueprint.post("/<model_id>/promotions")
    @needs(Permission.MATCHING_MODEL_PROMOTE)
    @first(tried)
    @blueprint.arguments(PromoteModelSchema)
    @blueprint.response(201, ModelSchema)
    def promote_model_view(body: dict[str, Any], model_id: str) -> dict[str, Any]:
        """Let a model rank, judged anew; with doubts only for a stated reason."""
        promoted = promote_model(
            model_id,
            done_first(),
            by=principal().subject,
            reason=body["reason"],
            models=school.models,
            now=school.clock(),
        )
        return model_reply(promoted)


def trials_blueprint(school: School) -> Blueprint:
    """The route ``/internal/models/trials``, for ``teahouse match evaluate``."""
    blueprint = Blueprint(
        "trials", __name__, url_prefix="/internal/models", description="Models tried anew"
    )

    @blueprint.get("/trials")
    @internal
    @blueprint.arguments(TrialQuery, location="query")
    @blueprint.response(200, ModelTrialSchema)
    def try_model_view(query: dict[str, Any]) -> dict[str, Any]:
        """Judge a model, or the latest candidate, by what was shown until now; store nothing."""
        promoted, wanted = school.models.promoted(), query["model_id"]
        model = school.models.get(wanted) if wanted else school.models.candidate()
        tried = model and replace(model, trial=school.tried(model))
        return {"promoted": model_reply(promoted), "model": tried and model_reply(tried)}

    return blueprint
