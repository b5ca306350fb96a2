"""What the demo found out: every figure that the table, the page and the JSON show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from teahouse.demo.trouble import DemoTrouble

PERCENT = 100

FIGURES = (
    "brands",
    "lots",
    "hosts",
    "claims_confirmed",
    "claims_rejected",
    "gatherings_held",
    "gatherings_cancelled",
    "refunds",
    "naming_rights_earned",
    "settled_minor",
    "trial_balance_minor",
    "ledger_chain_ok",
    "events_published",
    "events_applied",
    "duplicates_dropped",
    "dead_letters",
    "claim_p50_ms",
    "claim_p99_ms",
    "start_seconds",
    "job_seconds",
    "peak_rss_mib",
)
"""The keys that ``--json`` promises; a figure that could not be got makes the demo fail."""


ROLES = {
    "brand": "brand 品牌",
    "host": "host 主理人",
    "co_host": "co-host 联合主理人",
    "venue": "venue 场地",
    "author": "cartridge author 卡带作者",
    "platform": "platform 平台",
}
"""Whoever earns by a gathering, in the order in which they are told of."""


class FigureMissing(DemoTrouble):
    """A figure that the report promises was never found out."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that had to come out one way, and how it came out."""

    about: str
    expected: object
    actual: object

    @property
    def is_right(self) -> bool:
        """Whether both are equal."""
        return self.expected == self.actual


@dataclass(frozen=True, slots=True)
class Earner:
    """What settlements paid to an organisation in one role, in fen."""

    name: str
    role: str
    minor: int


@dataclass(frozen=True, slots=True)
class Subsidised:
    """What a brand's subsidy brought: both amounts in fen, over its settled gatherings."""

    brand: str
    gatherings: int
    subsidy_minor: int
    takings_minor: int

    @property
    def each_yuan_brought(self) -> float:
        """Yuan sold for one yuan of subsidy."""
        return self.takings_minor / self.subsidy_minor if self.subsidy_minor else 0.0


@dataclass(frozen=True, slots=True)
class ImportedSheet:
    """How a brand's CSV import went; ``errors`` are (line, message)."""

    brand: str
    lots: int
    errors: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One of the gatherings that really happened, as it went in the demo."""

    what: str
    people: int
    takings_minor: int
    checks: Sequence[Check]


@dataclass(slots=True)
class Findings:
    """Everything the report is made of; filled in as the demo goes."""

    figures: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    earners: list[Earner] = field(default_factory=list)
    subsidies: list[Subsidised] = field(default_factory=list)
    claims_by_outcome: dict[str, int] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    sheets: list[ImportedSheet] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    books: Sequence[tuple[str, str, bool]] = ()

    def complete(self) -> dict[str, Any]:
        """The figures in their promised order, then all others; raise for one that is missing."""
        missing = [name for name in FIGURES if self.figures.get(name) is None]
        if missing:
            raise FigureMissing(f"not found out: {', '.join(missing)}")
        others = {name: value for name, value in self.figures.items() if name not in FIGURES}
        return {name: self.figures[name] for name in FIGURES} | others

    def single_figures(self) -> dict[str, Any]:
        """The figures that are one value each; those that are tables stay in the JSON."""
        figures = self.complete()
        return {name: value for name, value in figures.items() if not isinstance(value, dict)}

    def earned_by_role(self) -> dict[str, int]:
        """What settlements paid to each role, in fen, in the order of ``ROLES``."""
        totals = Counter[str]()
        for earner in self.earners:
            totals[earner.role] += earner.minor
        return {role: totals[role] for role in ROLES if role in totals}

    def best_subsidies(self, most: int) -> list[Subsidised]:
        """The subsidies that brought most a yuan, best first."""
        return sorted(self.subsidies, key=lambda one: -one.each_yuan_brought)[:most]

    def all_subsidies(self) -> Subsidised:
        """All of them as if they were one brand's."""
        return Subsidised(
            brand="all brands",
            gatherings=sum(one.gatherings for one in self.subsidies),
            subsidy_minor=sum(one.subsidy_minor for one in self.subsidies),
            takings_minor=sum(one.takings_minor for one in self.subsidies),
        )

    @property
    def all_checks(self) -> list[Check]:
        """The demo's own and those of the gatherings told."""
        return [*self.checks, *(check for told in self.told for check in told.checks)]

    @property
    def wrong(self) -> list[Check]:
        """The checks that came out otherwise."""
        return [check for check in self.all_checks if not check.is_right]


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that this percentage of them does not exceed (inclusive method)."""
    if len(values) < 2:  # noqa: PLR2004 - a quantile needs two
        return values[0] if values else 0.0
    return quantiles(values, n=PERCENT, method="inclusive")[percent - 1]


def in_words(value: object) -> str:
    """What a check expected or found, as a reader likes it: no brackets, nothing for none."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {in_words(part)}" for name, part in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(in_words, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def yuan(minor: int) -> str:
    """``-31250`` as ``-312.50``; thousands set apart by commas."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02}"
