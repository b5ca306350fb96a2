"""What a search found as a page for a phone, in English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from markupsafe import Markup

from chassis.kernel.currencies import to_words
from chassis.kernel.money import Money
from chassis.web.sheets import sheet, table, words
from services.matching.planner.domain import Combination, Findings

TITLE = "Gatherings, the cheapest first · 活动方案（按花费由低到高）"


def page(found: Findings) -> Response:
    """The combinations with every line of their cost, then what is missing and why."""
    return sheet(TITLE, _parts(found))


def _parts(found: Findings) -> Iterator[Markup]:
    if not found.combinations:
        yield words("Nothing goes together.", "没有可行的组合。")
    for number, combination in enumerate(found.combinations, 1):
        yield _combination(number, combination)
    if found.has_more:
        yield words("More follow: ask for a higher limit.", "还有更多组合，请提高 limit。")
    for limit in found.limits:
        yield words(*limit)
    if found.missing:
        rows = [(hint.why.english, hint.why.chinese) for hint in found.missing]
        yield table("What is missing for zero · 距离零花费还差什么", (), rows)
    if found.blockers:
        barred = [
            (f"{each.times} × {each.about}", *each.why, _named(each.members))
            for each in found.blockers
        ]
        yield table("What stood in the way · 受阻原因", (), barred)


def _named(members: Mapping[str, Any]) -> str:
    """What the words beside it speak of, each by the name that they call it."""
    return "; ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in members.items()
    )


def _combination(number: int, found: Combination) -> Markup:
    currency, lent = found.claim.currency, found.lent
    begins = lent.starts_at.astimezone(ZoneInfo(lent.time_zone))
    title = (
        f"{number}. {to_words(Money(found.cash.cost, currency))} · {found.title} · "
        f"{lent.city} {begins:%Y-%m-%d %H:%M}"
    )
    lines = [
        (to_words(Money(line.minor, currency)), f"{line.why.english} {line.why.chinese}")
        for line in found.lines
    ]
    themes = ", ".join(f"{each.version.name} {each.version.version}" for each in found.themes)
    return table(title, (), [*lines, ("", themes), ("", " ".join(found.worst))])
