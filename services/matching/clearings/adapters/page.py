"""A clearing as a page: what it gives, what proves it, and who gets what, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response
from markupsafe import Markup

from chassis.kernel.currencies import to_words
from chassis.web.sheets import sheet, table, words
from services.matching.clearings.domain import (
    Assignment,
    Clearing,
    Fate,
    Outcome,
    Result,
    Valuation,
    summary_of,
)
from services.matching.holds.domain import words_of
from services.matching.pictures.domain import clock_time

TITLE = "Clearing of the market · 市场清算"
WORTH = {
    Valuation.RECIPROCAL: "what the host wants × what the brand accepts · 双方意愿之积",
    Valuation.HOST: "what the host wants · 主理人意愿",
}

SOLVERS = {
    "minimum-cost flow": "最小费用流",
    "linear programme, rounded and swapped": "线性规划，取整并交换",
    "deferred acceptance": "延迟接受",
}
FATES = {
    Fate.PROPOSED: "proposed · 拟分配",
    Fate.HELD: "held · 已预留",
    Fate.NOT_HELD: "not held · 未预留",
}


def report(clearing: Clearing, assignments: Sequence[Assignment], *, more: bool) -> Response:
    """A page of a clearing, for a phone and without a script; ``more`` were left out."""
    return sheet(f"{TITLE} · {clearing.order.period}", _parts(clearing, assignments, more=more))


def _parts(
    clearing: Clearing, assignments: Sequence[Assignment], *, more: bool
) -> Iterable[Markup]:
    yield words(*summary_of(clearing))
    if clearing.result is None:
        return
    yield _beside(clearing.result)
    yield _proof(clearing, clearing.result)
    yield table(
        "Who gets what · 分配结果",
        ("Host · 主理人", "Lot and its brand · 批次与品牌", "Subsidy · 补贴", "Why · 理由", ""),
        [_row(each) for each in assignments],
    )
    if more:
        yield words("There are more; read them page by page.", "还有更多，请分页读取。")


def _beside(result: Result) -> Markup:
    cleared, first = result.figures.cleared, result.figures.first_come
    return table(
        "Beside first-come-first-served · 与先到先得相比",
        ("", "Cleared · 清算", "First come · 先到先得"),
        [
            (name, told, other)
            for (name, told), (_, other) in zip(_told(cleared), _told(first), strict=True)
        ],
    )


def _told(outcome: Outcome) -> list[tuple[str, str]]:
    return [
        ("Value, points · 价值（分）", _points(outcome.value)),
        ("Assignments · 分配数", str(outcome.assignments)),
        ("Hosts with nothing · 未分得的主理人", str(outcome.hosts_with_nothing)),
        ("Brands with nothing · 未分出的品牌", str(outcome.brands_with_nothing)),
        ("Gini of hosts · 主理人基尼系数", f"{outcome.gini:.3f}"),
        ("Blocking pairs · 阻塞对", str(outcome.blocking_pairs)),
    ]


def _proof(clearing: Clearing, result: Result) -> Markup:
    proof, figures = result.certificate, result.figures
    return table(
        "Certificate · 证书",
        (),
        [
            ("Market · 市场", f"{figures.hosts} × {figures.lots} × {figures.brands}"),
            ("Candidates · 候选", str(figures.candidates)),
            ("Worth · 价值依据", WORTH[clearing.order.valuation]),
            ("Objective · 目标值", _points(proof.objective)),
            ("Proven bound · 证明上界", _points(proof.bound)),
            ("Gap · 差距", f"{proof.gap:.4%}"),
            ("Solver · 求解器", f"{_solver(proof.solver)}, {proof.seconds:.3f} s"),
            ("Market's digest · 市场摘要", proof.market_digest),
        ],
    )


def _solver(name: str) -> str:
    return f"{name} · {SOLVERS[name]}" if name in SOLVERS else name


def _row(assignment: Assignment) -> tuple[str, ...]:
    why = words_of(assignment.why)
    return (
        assignment.host_id,
        f"{assignment.title} · {assignment.lot_id} · {assignment.brand_id}",
        to_words(assignment.subsidy),
        f"{why.english} {why.chinese}",
        _fate(assignment),
    )


def _fate(assignment: Assignment) -> str:
    until = assignment.held_until
    if until is not None:
        return f"held until {clock_time(until)} · 预留至该时"
    return assignment.refusal or FATES[assignment.fate]


def _points(milli: float) -> str:
    return f"{milli / 1_000:,.3f}"
