"""What can be done with ranking models: learn one, judge one, promote one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from chassis.kernel.ids import Ids
from services.matching.models.domain import (
    JudgedAgainstAnother,
    Model,
    RanksAlready,
    State,
    Training,
    Trial,
    window,
)
from services.matching.models.engine.judging import judge
from services.matching.models.engine.learning import Odds, learn, odds_of
from services.matching.models.engine.neighbours import Circle
from services.matching.models.engine.shown import ShownRows
from services.matching.offers.engine.kinships import Kinships
from services.matching.offers.engine.points import Weights
from services.matching.pictures.domain import Claimed

MOST_LEARNED, MOST_JUDGED = 6_000, 3_000
"""How many pages are looked at: a second or two of one processor."""
MOST_CLAIMS = 50_000
"""As many claims, the latest of all hosts, tell what is alike."""


class Models(Protocol):
    """The ranking models, wherever they are kept; the built-in one is always among them."""

    def get(self, model_id: str) -> Model:
        """The model; raise ``ModelNotFound``."""
        ...

    def of_version(self, version: str) -> Model:
        """The model that is called so; raise ``ModelNotFound``."""
        ...

    def promoted(self) -> Model:
        """The one that ranks."""
        ...

    def candidate(self) -> Model | None:
        """The latest that was never promoted, if there is one."""
        ...

    def weights(self) -> Mapping[str, Weights]:
        """The weights of every version."""
        ...

    def next_version(self, day: str) -> str:
        """What the next model of a day is called."""
        ...

    def save(self, model: Model) -> Model:
        """Store it, or raise ``Conflict`` when somebody did first, or another has its version."""
        ...


class ExposureLog(Protocol):
    """What hosts were shown, with what became of it."""

    def read(
        self,
        since: datetime,
        until: datetime,
        *,
        weights: Mapping[str, Weights],
        kinships: Callable[[str], Kinships],
        held_out: bool,
        most: int,
    ) -> ShownRows:
        """Pages from ``since`` until before ``until`` that one of these versions ranked.

        Those of the hosts that are held out, or those of all others; of more than ``most``
        the latest. What was kindred to a host is by these ``kinships`` for her, and by what she
        had claimed before the page.
        """
        ...

    def claimed(self, *, most: int) -> Mapping[str, Claimed]:
        """What each host that is not held out claimed of, by the latest claims of all."""
        ...

    def unread(self, since: datetime, until: datetime, *, versions: Collection[str]) -> int:
        """How many pages of this time none of these versions ranked, whoever saw them."""
        ...


def learn_model(
    by: str, *, models: Models, exposures: ExposureLog, ids: Ids, now: datetime
) -> Model:
    """Learn a candidate from all that was shown, and judge it against the promoted one.

    What is alike is learned first, of each host as if she had never claimed; then how much that
    counts. Slow, and stores nothing: ``Models.save`` does.
    """
    since, until = window(now)
    present, weights = models.promoted(), models.weights()
    circle = Circle(exposures.claimed(most=MOST_CLAIMS))
    kinships = circle.kinships()
    shown = exposures.read(
        since,
        until,
        weights=weights,
        kinships=circle.without,
        held_out=False,
        most=MOST_LEARNED,
    )
    lesson = learn(shown, present.weights)
    candidate = Model(
        id=ids("mdl"),
        version=models.next_version(f"{now:%Y-%m-%d}"),
        weights=lesson.weights,
        kinships=kinships,
        odds=lesson.odds,
        learned_by=by,
        learned_at=now,
        training=Training(
            since=since,
            until=until,
            pages=shown.pages,
            hosts=shown.hosts,
            rows=len(shown),
            claims=int(shown.claimed.sum()),
            unread=exposures.unread(since, until, versions=weights),
            began_at=present.version,
            claimants=len(circle),
            kinships=len(kinships),
        ),
    )
    trial = try_model(candidate, models=models, exposures=exposures, now=now)
    return replace(candidate, trial=trial)


def try_model(model: Model, *, models: Models, exposures: ExposureLog, now: datetime) -> Trial:
    """Judge a model by what the promoted one showed to the hosts that are held out."""
    since, until = window(now)
    present = models.promoted()
    weights = {present.version: present.weights}
    shown = exposures.read(
        since,
        until,
        weights=weights,
        kinships=lambda _: model.kinships,
        held_out=True,
        most=MOST_JUDGED,
    )
    odds = model.odds or present.odds or _odds(present, exposures, since, until)
    judgement = judge(shown, model.weights, present.weights, odds, seed=model.seed)
    return Trial(at=now, against=present.version, since=since, until=until, judgement=judgement)


def promote_model(
    model_id: str, trial: Trial, *, by: str, reason: str | None, models: Models, now: datetime
) -> Model:
    """Let a model rank in the place of the promoted one.

    Raises ``PromotionUnsupported``, ``RanksAlready`` of the promoted one itself, and
    ``JudgedAgainstAnother`` when that is not the one of the trial any more.
    """
    model, present = models.get(model_id), models.promoted()
    if model.state is State.PROMOTED:
        raise RanksAlready(f"{model.version} ranks")
    if trial.against != present.version:
        raise JudgedAgainstAnother(f"{present.version} ranks, not {trial.against}")
    promoted = model.promote(by=by, trial=trial, reason=reason, at=now)
    models.save(present.retire(at=now))
    return models.save(promoted)


def _odds(present: Model, exposures: ExposureLog, since: datetime, until: datetime) -> Odds:
    weights = {present.version: present.weights}
    shown = exposures.read(
        since,
        until,
        weights=weights,
        kinships=lambda _: present.kinships,
        held_out=False,
        most=MOST_JUDGED,
    )
    return odds_of(shown, present.weights)
