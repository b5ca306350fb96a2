"""A ranking model: weights, how they were found, what speaks for them, and who promoted them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.ids import to_int
from services.matching.exposures.domain import KEPT
from services.matching.models.engine.judging import Doubt, Judgement
from services.matching.models.engine.learning import Odds
from services.matching.offers.engine.kinships import NO_KINSHIPS, Kinships
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights

IN_TIME = timedelta(days=14)
"""A claim this long after a page was shown still counts as a claim of what it showed."""
_HELD_OUT = 3


class ModelNotFound(NotFound):
    """No ranking model has that identifier or version."""

    code = "model-not-found"
    hint = "List the models: a path takes their identifier, `?model=` their version."
    chinese = "没有这个编号或版本的排序模型，请从模型列表中选取。"


class PromotionUnsupported(RuleBroken):
    """What was logged does not support promoting this model."""

    code = "promotion-unsupported"
    hint = (
        "See the doubts: wait until more was shown, learn anew, or give a reason to promote it "
        "nevertheless, which its card keeps."
    )
    chinese = (
        "已有记录不支持启用该模型：请看疑点，等待更多曝光或重新学习；"
        "如需强行启用，请写明理由，理由会保留在模型卡上。"
    )


class JudgedAgainstAnother(Conflict):
    """Another model was promoted while this one was judged."""

    code = "judged-against-another"
    hint = "Read the list of models again, and promote it anew if it is still wanted."
    chinese = "评估期间已启用了另一个模型，请刷新后重试。"


class RanksAlready(Conflict):
    """The model ranks already, so that there is nothing to promote and no reason to keep."""

    code = "ranks-already"
    hint = "Read its card for when and why it was promoted; promote another to replace it."
    chinese = "该模型已在使用中，无需再次启用，所填理由不会保存；如需更换，请启用其他模型。"


class State(StrEnum):
    """Where a model stands. One is promoted at a time."""

    CANDIDATE = "candidate"
    PROMOTED = "promoted"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a model was learned from: pages shown from ``since`` until before ``until``.

    ``claims`` are of its ``rows`` (lots shown). ``unread`` pages were ranked by models that
    nobody knows any more. The weights began at those of ``began_at``, a version. The claims of
    ``claimants`` told of ``kinships`` pairs of brands, or of categories, that they are alike.
    """

    since: datetime
    until: datetime
    pages: int
    hosts: int
    rows: int
    claims: int
    unread: int
    began_at: str
    claimants: int = 0
    kinships: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A model judged by what was shown under another, the promoted one of that moment."""

    at: datetime
    against: str
    since: datetime
    until: datetime
    judgement: Judgement

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why it is not supported; empty when it is."""
        return self.judgement.doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Who had a model rank, and why although there were doubts, if there were."""

    by: str
    at: datetime
    reason: str | None
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights with their story, and what is alike. ``version`` is what answers call it by.

    ``odds`` are those of a claim that the weights come from; the built-in one has none.
    Raises ``ValueError`` for weights that are below zero or not a million together.
    """

    id: str
    version: str
    weights: Weights
    kinships: Kinships = NO_KINSHIPS
    state: State = State.CANDIDATE
    odds: Odds | None = None
    learned_by: str | None = None
    learned_at: datetime | None = None
    training: Training | None = None
    trial: Trial | None = None
    promotions: tuple[Promotion, ...] = ()
    retired_at: datetime | None = None
    revision: Revision = Revision()

    def __post_init__(self) -> None:
        if min(self.weights) < 0 or sum(self.weights) != MILLION:
            raise ValueError(f"no weights of a score: {self.weights}")

    @property
    def seed(self) -> int:
        """What its trials are drawn by, so that the same log gives the same intervals."""
        return to_int(self.id) % 2**32

    def promote(self, *, by: str, trial: Trial, reason: str | None, at: datetime) -> Model:
        """Let it rank. Raises ``PromotionUnsupported`` for doubts that no reason is given for."""
        if trial.doubts and not reason:
            raise PromotionUnsupported(
                f"{self.version} against {trial.against}: {', '.join(trial.doubts)}",
                doubts=[doubt.value for doubt in trial.doubts],
            )
        promotion = Promotion(by=by, at=at, reason=reason, doubts=trial.doubts)
        return replace(
            self,
            state=State.PROMOTED,
            trial=trial,
            promotions=(*self.promotions, promotion),
            retired_at=None,
        )

    def retire(self, *, at: datetime) -> Model:
        """Let it rank no more; it may be promoted again."""
        return replace(self, state=State.RETIRED, retired_at=at)


BUILT_IN = Model(id="mdl_" + "0" * 26, version="built-in", weights=DEFAULT, state=State.PROMOTED)
"""What ranks while nothing learned is promoted: weights that people chose."""


def is_held_out(host_id: str) -> bool:
    """Whether what this host was shown is only ever judged by: one host of three.

    By hosts, for what a host claims of one page depends on what she claimed of the others.
    """
    return crc32(host_id.encode()) % _HELD_OUT == 0


def window(now: datetime) -> tuple[datetime, datetime]:
    """From when until before when pages are looked at: those of which the time is over."""
    return now - KEPT, now - IN_TIME
