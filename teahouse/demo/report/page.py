"""Write the report: what was found, as one HTML file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from teahouse.demo.report.charts import Bar, Mark, bars, histogram
from teahouse.demo.report.findings import ROLES, Findings, in_words, percentile, yuan
from teahouse.demo.report.template import PAGE, STYLE

SHOWN = 12
LATENCY_STEP_MS = 10.0
CONFIRMED = "confirmed"

TILES = (
    ("brands", "brands", "品牌"),
    ("lots", "lots of surplus goods", "批尾货"),
    ("hosts", "hosts", "主理人"),
    ("claims_confirmed", "claims confirmed", "认领成功"),
    ("claims_rejected", "claims refused", "认领被拒"),
    ("gatherings_held", "gatherings held", "活动举办"),
    ("gatherings_cancelled", "gatherings cancelled", "活动取消"),
    ("refunds", "refunds", "退款"),
    ("settled_minor", "yuan settled", "元已结算"),
    ("claim_p50_ms", "ms to confirm (median)", "毫秒确认（中位）"),
    ("claim_p99_ms", "ms to confirm (p99)", "毫秒确认（p99）"),
    ("job_seconds", "seconds for all of it", "秒完成全程"),
)


def write(findings: Findings, path: Path, *, made_at: datetime) -> None:
    """Write the page, with the folders it needs; raise ``FigureMissing`` for a figure not got."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(findings, made_at=made_at), encoding="utf-8")


def render(findings: Findings, *, made_at: datetime) -> str:
    """The page as text."""
    figures = findings.complete()
    environment = Environment(autoescape=True)
    environment.filters |= {"yuan": yuan, "in_words": in_words}
    wrong = len(findings.wrong)
    page = environment.from_string(PAGE).render(
        style=Markup(STYLE),  # noqa: S704 - our own constant
        verdict_text=f"{wrong} of {len(findings.all_checks)} checks came out wrong."
        if wrong
        else f"All {len(findings.all_checks)} checks came out right.",
        tiles=[(_shown(name, figures[name]), *words) for name, *words in TILES],
        charts=_charts(findings),
        subsidies=findings.best_subsidies(SHOWN),
        told=findings.told,
        books=findings.books,
        checks=findings.all_checks,
        sheets=findings.sheets,
        sheets_with_errors=[sheet for sheet in findings.sheets if sheet.errors],
        figures=findings.single_figures(),
        made_at=made_at.isoformat(timespec="seconds"),
    )
    return str(page)


def _shown(name: str, value: Any) -> str:  # noqa: ANN401 - any figure
    if name.endswith("_minor"):
        return yuan(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _charts(findings: Findings) -> SimpleNamespace:
    """Every chart of the page; they are made here and hold escaped text only."""
    drawn = {
        "roles": bars("Earned by role", _roles(findings)),
        "earners": bars("Largest earners", _earners(findings)),
        "subsidies": bars("Sales for one yuan of subsidy", _subsidies(findings)),
        "outcomes": bars("Claims by outcome", _outcomes(findings)),
        "latency": _latency(findings.latencies_ms),
        "stages": bars("Where the time went", _stages(findings)),
        "sheets": bars("Largest imports", _sheets(findings)),
    }
    return SimpleNamespace(**{name: Markup(svg) for name, svg in drawn.items()})  # noqa: S704 - as above


def _roles(findings: Findings) -> list[Bar]:
    return [
        Bar(ROLES[role], minor, yuan(minor)) for role, minor in findings.earned_by_role().items()
    ]


def _earners(findings: Findings) -> list[Bar]:
    top = sorted(findings.earners, key=lambda earner: -earner.minor)[:SHOWN]
    return [
        Bar(f"{one.name} · {ROLES.get(one.role, one.role)}", one.minor, yuan(one.minor), "cool")
        for one in top
    ]


def _subsidies(findings: Findings) -> list[Bar]:
    return [
        Bar(one.brand, one.each_yuan_brought, f"{one.each_yuan_brought:,.2f}", "warm")
        for one in findings.best_subsidies(SHOWN)
    ]


def _outcomes(findings: Findings) -> list[Bar]:
    ordered = sorted(findings.claims_by_outcome.items(), key=lambda pair: -pair[1])
    return [
        Bar(code, count, f"{count:,}", "main" if code == CONFIRMED else "bad")
        for code, count in ordered
    ]


def _latency(values: list[float]) -> str:
    marks = [
        Mark(percentile(values, percent), f"p{percent} {percentile(values, percent):.0f} ms")
        for percent in (50, 99)
    ]
    return histogram(
        "Claim to confirmed",
        values,
        step=LATENCY_STEP_MS,
        unit="ms",
        marks=marks if values else [],
    )


def _stages(findings: Findings) -> list[Bar]:
    seconds: dict[str, float] = findings.figures.get("stage_seconds", {})
    return [Bar(stage, value, f"{value:.1f} s", "cool") for stage, value in seconds.items()]


def _sheets(findings: Findings) -> list[Bar]:
    top = sorted(findings.sheets, key=lambda sheet: -sheet.lots)[:SHOWN]
    return [Bar(sheet.brand, sheet.lots, f"{sheet.lots:,}", "cool") for sheet in top]
