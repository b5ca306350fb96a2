"""A clearing as a page: what it gives, what proves it, and who gets what, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response
from markupsafe import Markup

from chassis.kernel.currencies import to_words
from chassis.kernel.money import WHOLE
from chassis.web.sheets import sheet, table, words
from services.matching.audits.adapters.plots import bars
from services.matching.clearings.domain import (
    Assignment,
    Clearing,
    Evidence,
    Fate,
    Outcome,
    Result,
    Valuation,
    doubts_of,
    summary_of,
)
from services.matching.clearings.engine.takeup import TakeUp
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


def report(
    clearing: Clearing, assignments: Sequence[Assignment], *, more: bool, tells_all: bool
) -> Response:
    """A page of a clearing, for a phone and without a script; ``more`` were left out.

    It ``tells_all`` to the platform: what hosts did with holds is not told to everybody.
    """
    parts = _parts(clearing, assignments, more=more, tells_all=tells_all)
    return sheet(f"{TITLE} · {clearing.order.period}", parts)


def _parts(
    clearing: Clearing, assignments: Sequence[Assignment], *, more: bool, tells_all: bool
) -> Iterable[Markup]:
    yield words(*summary_of(clearing))
    if clearing.result is None:
        return
    yield _beside(clearing.result)
    yield _proof(clearing, clearing.result)
    if tells_all and clearing.result.evidence is not None:
        yield _evidence(clearing.result.evidence)
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


def _evidence(evidence: Evidence) -> Markup:
    """What became of earlier holds, and whether that allows a reserve; bars by value."""
    taken, why = evidence.take_up, doubts_of(evidence)
    reserve = f"{why.english} · {why.chinese}"
    if evidence.reserve is not None:
        reserve = f"{_share(evidence.reserve / WHOLE)}, allowed · 可设"
    told = table(
        "What became of earlier holds · 以往预留的结果",
        (),
        [
            ("Model · 模型", evidence.model),
            ("Holds ended, of hosts · 到期预留与主理人", f"{taken.holds}, {taken.hosts}"),
            ("Claimed · 已认领", str(taken.claimed)),
            ("Values were off by · 价值偏差", _share(taken.error)),
            ("at most, in 95 of 100 samples · 95% 上限", _share(taken.bound)),
            ("Lots with a shadow price · 有影子价格的批次", str(evidence.prices)),
            ("They moved by · 影子价格变动", _share(evidence.prices_off)),
            ("Reserve · 保留线", reserve),
        ],
    )
    return told + _claimed_by_value(taken) if taken.groups else told


def _claimed_by_value(taken: TakeUp) -> Markup:
    """Each fifth, from the least wanted on: as its value foretold it, and as it came."""
    shares = {}
    for number, each in enumerate(taken.groups, 1):
        name = f"{number}. {_points(each.value)}"
        shares[f"{name} foretold · 预期"] = round(each.expected * WHOLE)
        shares[f"{name} claimed · 认领"] = round(each.claimed * WHOLE)
    return bars(
        "Claimed, by fifths of value in points · 按价值（分）五等分的认领率",
        shares,
        lambda share: _share(share / WHOLE),
    )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


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
