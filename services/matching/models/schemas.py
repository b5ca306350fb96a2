"""The JSON of ranking models: their cards."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chassis.web.schemas import IdField, Moment, Reply, Request, Text, page_of
from services.matching.models.domain import Model, State, Trial
from services.matching.models.engine.card import (
    DATA,
    INTENDED_USE,
    KINSHIPS,
    LIMITS,
    METHOD,
    SIGNS,
)
from services.matching.models.engine.judging import Doubt


class PromoteModelSchema(Request):
    """Body of ``POST /v1/models/{id}/promotions``: why, although there are doubts."""

    reason = Text(500, load_default=None, allow_none=True)


class TrialQuery(Request):
    """Query of ``GET /internal/models/trials``: of which model; the latest candidate's if none."""

    model_id = IdField("mdl", load_default=None)


class WeightsSchema(Reply):
    """The most micro-points of each term; together a million."""

    affinity = fields.Integer(required=True)
    subsidy = fields.Integer(required=True)
    price = fields.Integer(required=True)
    urgency = fields.Integer(required=True)
    local = fields.Integer(required=True)
    popularity = fields.Integer(required=True)
    freshness = fields.Integer(required=True)
    kindred = fields.Integer(required=True)


class OddsSchema(Reply):
    """The odds of a claim that the weights come from.

    ``decay`` is how fast places are looked at less, with its standard error ``doubt``;
    ``rises`` are in the order of the weights.
    """

    base = fields.Float(required=True)
    decay = fields.Float(required=True)
    doubt = fields.Float(required=True)
    rises = fields.List(fields.Float(), required=True)


class TrainingSchema(Reply):
    """What it was learned from: pages from ``since`` until before ``until``.

    The claims of so many ``claimants`` told of so many ``kinships``: pairs of brands, or of
    categories, that the same hosts claimed of.
    """

    since = Moment(required=True)
    until = Moment(required=True)
    pages = fields.Integer(required=True)
    hosts = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    claims = fields.Integer(required=True)
    unread = fields.Integer(required=True)
    began_at = fields.String(required=True)
    claimants = fields.Integer(required=True)
    kinships = fields.Integer(required=True)


class IntervalSchema(Reply):
    """An estimate and the bounds of its interval of 95 per cent."""

    estimate = fields.Float(required=True)
    lower = fields.Float(required=True)
    upper = fields.Float(required=True)


class EstimatesSchema(Reply):
    """Claims a lot shown: as they were earned, and as the model would have earned them.

    ``gain`` is DR less what was earned; ``effective`` how many equal rows the weighted ones
    are worth; ``clipped`` the share of rows whose weight was cut.
    """

    earned = fields.Nested(IntervalSchema, required=True)
    ips = fields.Nested(IntervalSchema, required=True)
    snips = fields.Nested(IntervalSchema, required=True)
    dr = fields.Nested(IntervalSchema, required=True)
    gain = fields.Nested(IntervalSchema, required=True)
    effective = fields.Float(required=True)
    clipped = fields.Float(required=True)


class CalibrationBinSchema(Reply):
    """A tenth of the rows: the claims that were expected a row, and those that came."""

    expected = fields.Float(required=True)
    claimed = fields.Float(required=True)
    rows = fields.Integer(required=True)


class TrialSchema(Reply):
    """What the log says of it beside the model that ranked; no doubts, and it is supported."""

    at = Moment(required=True)
    against = fields.String(required=True)
    since = Moment(required=True)
    until = Moment(required=True)
    pages = fields.Integer(required=True)
    hosts = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    claims = fields.Integer(required=True)
    moved = fields.Float(required=True)
    estimates = fields.Nested(EstimatesSchema, required=True, allow_none=True)
    calibration = fields.List(fields.Nested(CalibrationBinSchema), required=True)
    doubts = fields.List(fields.Enum(Doubt, by_value=True), required=True)


class ModelPromotionSchema(Reply):
    """Who had it rank, and why although there were doubts."""

    by = fields.String(required=True)
    at = Moment(required=True)
    reason = fields.String(required=True, allow_none=True)
    doubts = fields.List(fields.Enum(Doubt, by_value=True), required=True)


class SayingSchema(Reply):
    """The same in both languages."""

    en = fields.String(required=True)
    zh = fields.String(required=True)


class ModelSchema(Reply):
    """A ranking model and its card."""

    id = IdField("mdl", required=True)
    version = fields.String(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    weights = fields.Nested(WeightsSchema, required=True)
    odds = fields.Nested(OddsSchema, required=True, allow_none=True)
    learned_by = fields.String(required=True, allow_none=True)
    learned_at = Moment(required=True, allow_none=True)
    training = fields.Nested(TrainingSchema, required=True, allow_none=True)
    trial = fields.Nested(TrialSchema, required=True, allow_none=True)
    promotions = fields.List(fields.Nested(ModelPromotionSchema), required=True)
    retired_at = Moment(required=True, allow_none=True)
    intended_use = fields.Nested(SayingSchema, required=True)
    data = fields.Nested(SayingSchema, required=True)
    signs = fields.Nested(SayingSchema, required=True)
    kinships = fields.Nested(SayingSchema, required=True)
    method = fields.Nested(SayingSchema, required=True)
    limits = fields.List(fields.Nested(SayingSchema), required=True)


class ModelTrialSchema(Reply):
    """A model tried anew, now, and the model that ranks; no model where none is a candidate."""

    promoted = fields.Nested(ModelSchema, required=True)
    model = fields.Nested(ModelSchema, required=True, allow_none=True)


ModelPage = page_of(ModelSchema, "ModelPage")


def model_reply(model: Model) -> dict[str, Any]:
    """What ``ModelSchema`` dumps."""
    return {
        "id": model.id,
        "version": model.version,
        "state": model.state,
        "weights": model.weights._asdict(),
        "odds": model.odds and model.odds._asdict(),
        "learned_by": model.learned_by,
        "learned_at": model.learned_at,
        "training": model.training,
        "trial": model.trial and _trial_reply(model.trial),
        "promotions": model.promotions,
        "retired_at": model.retired_at,
        "intended_use": INTENDED_USE._asdict(),
        "data": DATA._asdict(),
        "signs": SIGNS._asdict(),
        "kinships": KINSHIPS._asdict(),
        "method": METHOD._asdict(),
        "limits": [each._asdict() for each in LIMITS],
    }


def _trial_reply(trial: Trial) -> dict[str, Any]:
    said = trial.judgement
    return {
        **said._asdict(),
        "at": trial.at,
        "against": trial.against,
        "since": trial.since,
        "until": trial.until,
    }
