"""Why a share is what it is, in both languages: step by step, with the rounding and the carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sharing.dividing import Heads, Part, Share, unanswered
from sharing.terms import Refunding, Terms

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


def why_refund(
    before: Share, after: Share, refunding: Refunding, unmet: Sequence[Reason] = ()
) -> Reason:
    """Why a seat gives back what it gives: what it had, what it has after.

    ``unmet`` are the reasons of ``why_unmet`` for what is left, told where that decides.
    """
    noun, chinese = NOUNS[after.seat.role]
    english, mandarin = _GIVES[refunding]
    path = tuple(part.step.id for part in after.parts if part.of)
    is_anew = refunding is Refunding.PRO_RATA
    odd, odd_zh = _odd(after.ahead) if is_anew else ("", "")
    if is_anew:
        odd += "".join(f"; {each.en}" for each in unmet)
        odd_zh += "".join(f"；{each.zh}" for each in unmet)
    return Reason(
        f"Refund, share of the {noun}: {english}; {before.minor} fen become {after.minor}{odd}",
        f"退款，{chinese}份额：{mandarin}；{before.minor} 分变为 {after.minor} 分{odd_zh}",
        ("refund", refunding.value, *path),
        str(after.exact) if is_anew else "",
        str(after.ahead) if is_anew and after.ahead else "",
    )


def why_unmet(terms: Terms, whole: int, heads: Heads) -> tuple[Reason, ...]:
    """Why steps took nothing whose conditions have no answer for so much sold to so many."""
    return tuple(
        Reason(
            f"Step {step_id} took nothing: its condition has no answer, {why}",
            f"步骤 {step_id} 未执行：其条件没有结果，视为不成立",
            (step_id,),
        )
        for step_id, why in unanswered(terms, whole, heads).items()
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
