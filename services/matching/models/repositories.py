"""Ranking models kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Revision
from chassis.mongo import Row, collection
from services.matching.models.documents import MODELS, ModelDocument
from services.matching.models.domain import (
    BUILT_IN,
    Model,
    ModelNotFound,
    Promotion,
    State,
    Training,
    Trial,
)
from services.matching.models.engine.evaluation import Estimates, Interval
from services.matching.models.engine.judging import Bin, Doubt, Judgement
from services.matching.models.engine.learning import Odds
from services.matching.offers.engine.kinships import NO_KINSHIPS, Kinships, Likenesses
from services.matching.offers.engine.points import Weights

_FIGURES = ("earned", "ips", "snips", "dr", "gain")


class MongoModels:
    """The ``Models`` port over the ``ranking_models`` collection."""

    def get(self, model_id: str) -> Model:
        return _found({"_id": model_id}, model_id, BUILT_IN.id)

    def of_version(self, version: str) -> Model:
        return _found({"label": version}, version, BUILT_IN.version)

    def promoted(self) -> Model:
        row = collection(MODELS).find_one({"is_promoted": True})
        return BUILT_IN if row is None else to_model(row)

    def candidate(self) -> Model | None:
        wanted = {"state": State.CANDIDATE.value}
        row = collection(MODELS).find_one(wanted, sort=[("_id", -1)])
        return None if row is None else to_model(row)

    def weights(self) -> Mapping[str, Weights]:
        found = collection(MODELS).find({}, {"label": 1, "weights": 1})
        stored = {row["label"]: Weights(**row["weights"]) for row in found}
        return {BUILT_IN.version: BUILT_IN.weights, **stored}

    def next_version(self, day: str) -> str:
        of_day = {"label": {"$gte": f"{day}.", "$lt": f"{day}/"}}
        return f"{day}.{collection(MODELS).count_documents(of_day) + 1}"

    def save(self, model: Model) -> Model:
        revision = outbox.save(_to_document(model), model.revision)
        return replace(model, revision=revision)


def to_model(row: Row) -> Model:
    """Read a model."""
    odds, training, trial = row.get("odds"), row.get("training"), row.get("trial")
    return Model(
        id=row["_id"],
        version=row["label"],
        weights=Weights(**row["weights"]),
        kinships=_kinships_of(row.get("kinships")),
        state=State(row["state"]),
        odds=odds and Odds(**{**odds, "rises": _rises_of(odds)}),
        learned_by=row.get("learned_by"),
        learned_at=row.get("learned_at"),
        training=training and Training(**training),
        trial=trial and _trial_of(trial),
        promotions=tuple(
            Promotion(**{**each, "doubts": _doubts_of(each)}) for each in row.get("promotions", ())
        ),
        retired_at=row.get("retired_at"),
        revision=Revision(row["version"], row["last_sequence"]),
    )


def _found(wanted: Row, called: str, built_in: str) -> Model:
    row = collection(MODELS).find_one(wanted)
    if row is not None:
        return to_model(row)
    if called != built_in:
        raise ModelNotFound(f"no model {called}")
    return BUILT_IN


def _to_document(model: Model) -> ModelDocument:
    return ModelDocument(
        id=model.id,
        label=model.version,
        weights=model.weights._asdict(),
        kinships=_row_of_kinships(model.kinships),
        odds=model.odds and {**model.odds._asdict(), "rises": list(model.odds.rises)},
        state=model.state.value,
        learned_by=model.learned_by,
        learned_at=model.learned_at,
        training=model.training and asdict(model.training),
        trial=model.trial and _row_of_trial(model.trial),
        promotions=[
            {**asdict(each), "doubts": [doubt.value for doubt in each.doubts]}
            for each in model.promotions
        ],
        retired_at=model.retired_at,
        is_promoted=True if model.state is State.PROMOTED else None,
    )


def _row_of_kinships(kinships: Kinships) -> Row | None:
    if kinships == NO_KINSHIPS:
        return None
    return {
        "brands": _pairs(kinships.brands),
        "categories": _pairs(kinships.categories),
    }


def _pairs(likenesses: Likenesses) -> list[tuple[str, str, int]]:
    """Each pair once, for both ways round are the same."""
    return [
        (one, other, likeness)
        for one, near in sorted(likenesses.items())
        for other, likeness in sorted(near.items())
        if one < other
    ]


def _kinships_of(row: Row | None) -> Kinships:
    if not row:
        return NO_KINSHIPS
    return Kinships(_both_ways(row["brands"]), _both_ways(row["categories"]))


def _both_ways(pairs: Iterable[tuple[str, str, int]]) -> Likenesses:
    found: dict[str, dict[str, int]] = {}
    for one, other, likeness in pairs:
        found.setdefault(one, {})[other] = likeness
        found.setdefault(other, {})[one] = likeness
    return found


def _rises_of(odds: Row) -> tuple[float, ...]:
    """Of every term; odds of before there was one say that it changes nothing."""
    known = tuple(odds["rises"])
    return known + (0.0,) * (len(Weights._fields) - len(known))


def _row_of_trial(trial: Trial) -> Row:
    said = trial.judgement
    figures = said.estimates
    estimates = figures and {
        **figures._asdict(),
        **{name: getattr(figures, name)._asdict() for name in _FIGURES},
    }
    judgement = {
        **said._asdict(),
        "estimates": estimates,
        "calibration": [each._asdict() for each in said.calibration],
        "doubts": [doubt.value for doubt in said.doubts],
    }
    return {
        "at": trial.at,
        "against": trial.against,
        "since": trial.since,
        "until": trial.until,
        "judgement": judgement,
    }


def _trial_of(row: Row) -> Trial:
    said = row["judgement"]
    judgement = {
        **said,
        "estimates": said["estimates"] and _estimates_of(said["estimates"]),
        "calibration": tuple(Bin(**each) for each in said["calibration"]),
        "doubts": _doubts_of(said),
    }
    return Trial(**{**row, "judgement": Judgement(**judgement)})


def _estimates_of(row: Mapping[str, Any]) -> Estimates:
    return Estimates(**{**row, **{name: Interval(**row[name]) for name in _FIGURES}})


def _doubts_of(row: Mapping[str, Any]) -> tuple[Doubt, ...]:
    return tuple(Doubt(each) for each in row["doubts"])
