"""Why a share is what it is, in both languages: step by step, with the rounding and the carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from sharing.dividing import Heads, Part, Share
from sharing.subsidies import NOTHING, Outcome, band_of, in_milestones, outcome
from sharing.terms import MilestonePart, Refunding, Terms

NOUNS: Mapping[str, tuple[str, str]] = {
    "brand": ("brand", "品牌"),
    "host": ("host", "主理人"),
    "venue": ("venue", "场地"),
    "co_host": ("co-host", "联合主理人"),
    "platform": ("platform", "平台"),
    "author": ("cartridge author", "主题作者"),
}
_GIVES: Mapping[Refunding, tuple[str, str]] = {
    Refunding.PRO_RATA: ("as if only the rest had been sold", "按剩余销售额重算"),
    Refunding.PLATFORM_FIRST: ("the platform gives first", "平台先行承担"),
    Refunding.HOST_DEBT: ("the host bears it alone", "由主理人独自承担"),
}

IF_PROVEN = ("if it is proven", "若经证明")


@dataclass(frozen=True, slots=True)
class Reason:
    """A leg's reason: ``path`` names the steps, ``exact`` and ``rounded`` are exact fractions.

    ``rounded`` is how far the whole amount is ahead of the exact one, which the next booking of
    the same contract makes up for.
    """

    en: str
    zh: str
    path: tuple[str, ...] = ()
    exact: str = ""
    rounded: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON; what is empty is left out."""
        more = {"path": list(self.path), "exact": self.exact, "rounded": self.rounded}
        return {
            "en": self.en,
            "zh": self.zh,
            **{name: each for name, each in more.items() if each},
        }

    def in_brief(self) -> dict[str, str]:
        """What it is, without how it came about: each text up to its colon."""
        return {"en": self.en.partition(": ")[0], "zh": self.zh.partition("：")[0]}


def why_share(share: Share) -> Reason:
    """Why a seat has what it has of what was sold."""
    noun, chinese = NOUNS[share.seat.role]
    parts = [part for part in share.parts if part.of]
    texts = [_part(part) for part in parts]
    english, mandarin = "; ".join(en for en, _ in texts), "；".join(zh for _, zh in texts)
    odd, odd_zh = _odd(share.ahead)
    return Reason(
        f"Share of the {noun}: {english or 'nothing'}{odd}",
        f"{chinese}份额：{mandarin or '无'}{odd_zh}",
        tuple(part.step.id for part in parts),
        str(share.exact),
        str(share.ahead) if share.ahead else "",
    )


class WhySubsidy(NamedTuple):
    """Why a subsidy left escrow, why some is the host's, and why some goes back."""

    decided: Reason
    earned: Reason
    returned: Reason


def why_subsidy(terms: Terms, heads: Heads) -> WhySubsidy:
    """What so many who were checked in make of a subsidy, in both languages."""
    english, chinese = _reached(terms, heads)
    return WhySubsidy(
        Reason(f"Subsidy decided: {english}", f"补贴结算：{chinese}"),
        Reason(f"Subsidy earned: {english}", f"获得补贴：{chinese}", ("subsidy",)),
        Reason(f"Subsidy returned: {english}", f"补贴退回：{chinese}", ("subsidy",)),
    )


def why_milestone(
    why: Reason, part: MilestonePart, ended: tuple[str, str], *, is_counted: bool
) -> Reason:
    """A reason of ``why_subsidy`` for one milestone: which, how it ended, and who was counted.

    ``ended`` is in English and Chinese; who came is left out where nobody could be counted.
    """
    (head, _, counted), (head_zh, _, counted_zh) = why.en.partition(": "), why.zh.partition("：")
    more, more_zh = (f"; {counted}", f"；{counted_zh}") if is_counted else ("", "")
    return replace(
        why,
        en=f"{head}, {part.why_en}: {ended[0]}{more}",
        zh=f"{head_zh}，{part.why_zh}：{ended[1]}{more_zh}",
        path=("subsidy", part.id),
    )


def foreseen(terms: Terms, heads: Heads, given: int) -> list[tuple[Outcome, WhySubsidy]]:
    """What so many make of a subsidy, and why: of each milestone once it is proven, or of all."""
    why = why_subsidy(terms, heads)
    if terms.milestones is None:
        return [(outcome(terms, heads, [given]), why)]
    return [
        (
            outcome(terms, heads, each),
            WhySubsidy(
                *(why_milestone(reason, part, IF_PROVEN, is_counted=True) for reason in why)
            ),
        )
        for part, each in zip(terms.milestones.parts, in_milestones(terms, [given]), strict=True)
    ]


def _reached(terms: Terms, heads: Heads) -> tuple[str, str]:
    english, chinese = f"{heads.came} checked in", f"签到 {heads.came} 人"
    if not terms.bands:
        return f"{english}, {heads.wanted} were asked for", f"{chinese}，要求 {heads.wanted} 人"
    band = band_of(terms, heads)
    if band is NOTHING:
        first = terms.bands[0].heads
        return f"{english}, nothing is earned below {first}", f"{chinese}，不足 {first} 人无补贴"
    percent = f"{band.points / 100:g} %"
    return (
        f"{english}, {percent} from {band.heads} on",
        f"{chinese}，满 {band.heads} 人得 {percent}",
    )


def why_refund(
    before: Share, after: Share, refunding: Refunding, what: tuple[str, str] = ("Refund", "退款")
) -> Reason:
    """Why a seat gives back what it gives: what it had, what it has after.

    ``what`` is the occasion, in English and Chinese.
    """
    noun, chinese = NOUNS[after.seat.role]
    english, mandarin = _GIVES[refunding]
    path = tuple(part.step.id for part in after.parts if part.of)
    is_anew = refunding is Refunding.PRO_RATA
    odd, odd_zh = _odd(after.ahead) if is_anew else ("", "")
    return Reason(
        f"{what[0]}, share of the {noun}: {english}; {before.minor} fen become {after.minor}{odd}",
        f"{what[1]}，{chinese}份额：{mandarin}；{before.minor} 分变为 {after.minor} 分{odd_zh}",
        ("refund", refunding.value, *path),
        str(after.exact) if is_anew else "",
        str(after.ahead) if is_anew and after.ahead else "",
    )


def _part(part: Part) -> tuple[str, str]:
    percent, of = f"{float(100 * part.exact / part.of):.6g} %", _number(part.of)
    step = part.step
    return f"{step.why_en}, {percent} of {of} fen", f"{step.why_zh}，{of} 分的 {percent}"


def _odd(ahead: Fraction) -> tuple[str, str]:
    if not ahead:
        return "", ""
    told, carried = f"{float(ahead):+.4g}", f"{float(-ahead):+.4g}"
    return f", rounded by {told} fen, {carried} carried on", f"，取整 {told} 分，结转 {carried} 分"


def _number(exact: Fraction) -> str:
    return str(exact.numerator) if exact.denominator == 1 else f"{float(exact):.4f}".rstrip("0")
