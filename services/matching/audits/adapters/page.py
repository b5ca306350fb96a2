"""An audit as a page in English and Chinese, with its plots."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Response
from markupsafe import Markup

from chassis.kernel.time import CALENDAR
from chassis.mongo import Row
from chassis.web.sheets import percent, sheet, table, words
from services.matching.audits.adapters.plots import bars, lorenz_curves
from services.matching.audits.engine.exposure import FIRST_PLACE

SIDES = {"brands": "Brands · 品牌", "hosts": "Hosts · 主理人"}
GROUPS = {
    "small": "small · 小",
    "middle": "middle · 中",
    "large": "large · 大",
    "unlisted": "nothing listed · 未上架",
    "up-to-30-days": "≤ 30 days · 天",
    "up-to-180-days": "≤ 180 days · 天",
    "older": "older · 更久",
    "no-community": "no community · 无社群",
}
SPREAD = {"exposure": "exposure · 曝光", "claims": "claims · 认领", "subsidy": "subsidy · 补贴"}
BY_GROUP = {
    "exposure": "exposure by group · 各组曝光",
    "claims": "claims by group · 各组认领",
}
COUNTED = {
    "parties": "Parties · 参与方",
    "shown": "Shown · 有展示",
    "with_nothing": "Without a claim · 无认领",
    "places": "Places · 展示位",
    "exposure": "Exposure · 曝光",
    "claims": "Claims · 认领",
    "packs": "Packs · 包",
    "settled": "Settled · 已结算活动",
    "subsidy": "Subsidy, minor units · 补贴（分）",
}

NOTHING = "nothing · 无"
_ROWS = Markup(
    '<p><a href="{id}/rows.csv">rows.csv</a>: every brand and host for a spreadsheet, or your '
    'own rows alone.</p><p lang="zh">每个品牌与主理人一行的表格；非平台用户仅见自己的行。</p>'
)


def page(audit: Row) -> Response:
    """The audit, as far as it may be seen; what is hidden is said to be."""
    since, until = (audit[name].astimezone(CALENDAR) for name in ("since", "until"))
    title = f"Fairness audit · 公平审计 · {since:%Y-%m-%d %H:%M} – {until:%Y-%m-%d %H:%M %Z}"
    return sheet(title, _parts(audit))


def _parts(audit: Row) -> Iterator[Markup]:
    yield words(
        "Exposure counts a place as 1 / log2(1 + place): 1 is once at the first place. Claims "
        "count when they are confirmed, gatherings when they are settled.",
        "曝光按 1 / log2(1 + 位置) 折算，1 即在首位展示一次；认领以确认时计，活动以结算时计。",
    )
    yield _ROWS.format(id=audit["id"])
    yield words(
        f"Of {audit['reachable']} brands with a lot on offer {audit['reachable_shown']} were "
        "shown.",
        f"有货在架的品牌 {audit['reachable']} 个，其中 {audit['reachable_shown']} 个获得展示。",
    )
    for side, title in SIDES.items():
        yield from _side(title, audit[side])
    yield from _currencies(audit)
    yield _newcomers(audit["newcomers"])
    yield _blocking(audit["blocking"])


def _side(title: str, figures: dict[str, Any]) -> Iterator[Markup]:
    if figures["total"] is None:
        yield words(f"{title}: too few to be told of.", f"{title}：数量过少，不予展示。")
        return
    groups = {name: found for name, found in figures["groups"].items() if found is not None}
    columns = ("", *COUNTED.values())
    lines = {"all · 合计": figures["total"]} | {GROUPS[name]: groups[name] for name in groups}
    rows = [
        (name, *(_told(each, found[each]) for each in COUNTED)) for name, found in lines.items()
    ]
    yield table(title, columns, rows)
    if len(groups) < len(figures["groups"]):
        yield words("A group is of too few to be told of.", "某一分组数量过少，分组不予展示。")
    else:
        for each, heading in BY_GROUP.items():
            amounts = {GROUPS[name]: found[each] for name, found in groups.items()}
            if any(amounts.values()):
                yield bars(f"{title}: {heading}", amounts, partial(_told, each))
    yield from _evenness(title, figures)


def _evenness(title: str, figures: dict[str, Any]) -> Iterator[Markup]:
    """How evenly each is spread; of what there was nothing, that nothing can be said."""
    curves = {
        SPREAD[name]: curve for name, curve in figures["lorenz"].items() if figures["total"][name]
    }
    if curves:
        yield lorenz_curves(f"{title}: Lorenz · 洛伦兹曲线", curves)
    gini = figures["gini"]
    told = [
        (what, f"{gini[name]:.4f}" if what in curves else NOTHING) for name, what in SPREAD.items()
    ]
    yield table(f"{title}: Gini · 基尼系数", (), told)


def _told(name: str, amount: int) -> str:
    """An amount as people read it: exposure in first places."""
    return f"{amount / FIRST_PLACE:,.1f}" if name == "exposure" else f"{amount:,}"


def _currencies(audit: Row) -> Iterator[Markup]:
    """In which currency subsidies are, and what there is in others, as far as it is told."""
    currency = audit["currency"]
    if currency is not None:
        yield words(f"Subsidies are in {currency}.", f"补贴以 {currency} 计。")
    if audit["other_subsidies"]:
        told = [(name, f"{minor:,}") for name, minor in sorted(audit["other_subsidies"].items())]
        yield table("Subsidies in other currencies, minor units · 其他币种的补贴", (), told)


def _newcomers(found: dict[str, Any] | None) -> Markup:
    title = "Newcomers · 新主理人"
    if found is None:
        return words(f"{title}: too few to be told of.", f"{title}：数量过少，不予展示。")
    return table(
        title,
        (),
        [
            ("Hosts · 人数", str(found["hosts"])),
            ("Share of hosts · 占主理人", percent(found["share_of_hosts"])),
            ("Share of places · 占展示位", percent(found["share_of_places"])),
            ("Share of claims · 占认领", percent(found["share_of_claims"])),
            ("Share of packs claimed · 占认领包数", percent(found["share_of_packs"])),
            ("Kept for them of every lot at least · 每批次至少保留", percent(found["share_kept"])),
            (
                "Packs still kept, of those listed · 仍为其保留的包",
                f"{found['packs_kept']:,} / {found['packs_listed']:,}",
            ),
        ],
    )


def _blocking(found: dict[str, Any] | None) -> Markup:
    if found is None:
        return words("No clearing is stored: no blocking pairs.", "尚无出清，没有阻塞对。")
    pairs, clearing = f"{found['pairs']:,}", found["clearing_id"]
    return words(
        f"Blocking pairs of the last clearing ({clearing}): {pairs}.",
        f"最近一次出清（{clearing}）的阻塞对：{pairs}。",
    )
