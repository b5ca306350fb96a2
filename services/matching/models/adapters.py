"""The card of a model as a page in both languages, and the models as ranking asks for them."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response
from markupsafe import Markup

from chassis.kernel.time import to_rfc3339
from chassis.web.sheets import sheet, table, words
from services.matching.models.domain import Model, State, Trial
from services.matching.models.engine.card import (
    DATA,
    INTENDED_USE,
    KINSHIPS,
    LIMITS,
    METHOD,
    SIGNS,
)
from services.matching.models.engine.evaluation import Interval
from services.matching.models.engine.judging import Doubt
from services.matching.models.use_cases import Models
from services.matching.offers.use_cases import RankingModel

_STATES = {
    State.CANDIDATE: "candidate · 候选",
    State.PROMOTED: "promoted: it ranks now · 现用",
    State.RETIRED: "retired · 已停用",
}
_DOUBTS = {
    Doubt.TOO_FEW_EXPOSURES: "too little was shown · 曝光太少",
    Doubt.SAMPLE_TOO_SMALL: "too few of the rows count · 有效样本太小",
    Doubt.MAY_BE_WORSE: "it may be worse · 可能更差",
}
_FIGURES = {
    "earned": "As it was · 实际",
    "ips": "IPS · 逆倾向加权",
    "snips": "SNIPS · 自归一化",
    "dr": "DR · 双稳健",
    "gain": "Gain · 增益",
}


class PromotedModels:
    """The ``RankingModels`` port of the offers over the models."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def ranking(self) -> RankingModel:
        """The promoted model."""
        return _ranking(self._models.promoted())

    def named(self, version: str) -> RankingModel:
        """The model of that version; raise ``ModelNotFound``."""
        return _ranking(self._models.of_version(version))


def card_page(model: Model) -> Response:
    """All that the card says, to be read by people."""
    facts = [
        ("State · 状态", _STATES[model.state]),
        ("Learned by · 学习发起人", model.learned_by or "–"),
        ("Learned at · 学习时间", to_rfc3339(model.learned_at) if model.learned_at else "–"),
    ]
    weights = [(term, f"{most:,}") for term, most in model.weights._asdict().items()]
    promotions = [
        (each.by, to_rfc3339(each.at), _told(each.doubts), each.reason or "–")
        for each in model.promotions
    ]
    columns = ("By · 启用人", "When · 时间", "Doubts · 疑点", "Reason · 理由")
    parts = [
        words(*INTENDED_USE),
        table("The model · 模型", (), facts),
        table("Weights, micro-points · 权重（百万分之一）", (), weights),
        words(*SIGNS),
        words(*DATA),
        words(*KINSHIPS),
        *_training(model),
        words(*METHOD),
        *_trial(model.trial),
        table("Promotions · 启用记录", columns, promotions),
        *(words(*each) for each in LIMITS),
    ]
    return sheet(f"Ranking model · 排序模型 · {model.version}", parts)


def _ranking(model: Model) -> RankingModel:
    return RankingModel(model.version, model.weights, model.kinships)


def _training(model: Model) -> Iterable[Markup]:
    said = model.training
    if said is not None:
        yield table(
            "Learned from · 学习数据",
            (),
            [
                ("Window · 时段", f"{to_rfc3339(said.since)} – {to_rfc3339(said.until)}"),
                ("Pages · 页", f"{said.pages:,}"),
                ("Hosts · 主理人", f"{said.hosts:,}"),
                ("Lots shown · 展示次数", f"{said.rows:,}"),
                ("Claims · 认领", f"{said.claims:,}"),
                ("Pages not read · 未读页", f"{said.unread:,}"),
                ("Began at · 起点版本", said.began_at),
                ("Hosts who claimed · 认领过的主理人", f"{said.claimants:,}"),
                ("Pairs that are alike · 相近的品牌或品类对", f"{said.kinships:,}"),
            ],
        )


def _trial(trial: Trial | None) -> Iterable[Markup]:
    if trial is None:
        return
    said = trial.judgement
    yield table(
        "Judged · 评估",
        (),
        [
            ("Against · 对照版本", trial.against),
            ("At · 时间", to_rfc3339(trial.at)),
            ("Pages · 页", f"{said.pages:,}"),
            ("Hosts · 主理人", f"{said.hosts:,}"),
            ("Claims · 认领", f"{said.claims:,}"),
            ("Would stand elsewhere · 次序变动", f"{said.moved:.1%}"),
            ("Doubts · 疑点", _told(trial.doubts)),
        ],
    )
    if said.estimates is not None:
        figures = said.estimates._asdict()
        yield table(
            "Claims in 1,000 lots shown · 每千次展示的认领数",
            ("", "Estimate · 估计", "95 % from · 下限", "to · 上限"),
            [(name, *_thousandfold(figures[figure])) for figure, name in _FIGURES.items()],
        )
        yield table(
            "Expected and claimed, in 1,000 · 预期与实际（每千次）",
            ("Expected · 预期", "Claimed · 实际", "Lots shown · 展示次数"),
            [
                (f"{1000 * each.expected:.2f}", f"{1000 * each.claimed:.2f}", f"{each.rows:,}")
                for each in said.calibration
            ],
        )


def _told(doubts: Iterable[Doubt]) -> str:
    return "; ".join(_DOUBTS[doubt] for doubt in doubts) or "none · 无"


def _thousandfold(interval: Interval) -> tuple[str, ...]:
    return tuple(f"{1000 * each:.2f}" for each in interval)
