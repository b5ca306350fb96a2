"""What a clearing came to, in words of both languages."""

from __future__ import annotations

from collections.abc import Callable

from chassis.kernel.money import WHOLE
from services.matching.clearings.domain.clearing import Clearing, Figures, Order
from services.matching.clearings.domain.evidence import (
    HOSTS_NEEDED,
    MOST_PRICES_OFF,
    PRICE_DAYS,
    PRICES_NEEDED,
    Doubt,
    Evidence,
)
from services.matching.clearings.engine.clear import Rule
from services.matching.pictures.domain import Sentence, count


def summary_of(clearing: Clearing) -> Sentence:
    """What it gives to how many, who had no room, and what first-come-first-served would have.

    Points have three decimals, as milli-points are told everywhere.
    """
    if clearing.result is None:
        said = clearing.failure or clearing.stage.value
        return Sentence(f"No result: {said}.", f"尚无结果：{said}。")
    figures = clearing.result.figures
    parts = (
        _gives(clearing, figures),
        _without_room(figures),
        _beside(clearing.order, figures),
        _reserved(clearing),
    )
    return Sentence(
        " ".join(each.english for each in parts if each.english),
        "".join(each.chinese for each in parts),
    )


def _gives(clearing: Clearing, figures: Figures) -> Sentence:
    is_dry, given = clearing.order.dry_run, figures.cleared
    kind = Sentence("dry run", "试运行") if is_dry else Sentence("clearing", "清算")
    served, lots = figures.hosts - given.hosts_with_nothing, given.assignments
    points = f"{given.value / 1_000:,.3f}"
    held = Sentence(
        f"{count(clearing.held, 'is', 'are')} held for 48 hours",
        f"其中 {clearing.held} 份预留 48 小时",
    )
    if is_dry:
        held = Sentence("nothing is held", "不作任何预留")
    return Sentence(
        f"This {kind.english} gives {count(lots, 'lot', 'lots')} to "
        f"{count(served, 'host', 'hosts')}, worth {points} points; {held.english}.",
        f"本次{kind.chinese}向 {served} 位主理人分配 {lots} 份，价值 {points} 分，"
        f"{held.chinese}。",
    )


def _without_room(figures: Figures) -> Sentence:
    full = figures.hosts_full
    if not full:
        return Sentence("", "")
    return Sentence(
        f"{count(full, 'more host is', 'more hosts are')} not in it, with no room "
        "beside their claims and what is held for them.",
        f"另有 {full} 位主理人未参与：其认领与预留已达可承办的数量。",
    )


def _beside(order: Order, figures: Figures) -> Sentence:
    if not figures.cleared.assignments:
        return Sentence("", "")
    lost = figures.lost_basis_points
    told = f"{abs(lost) / 100:.2f} %"
    if lost >= 0:
        return Sentence(
            f"First-come-first-served would lose {told} of it.", f"先到先得将损失其中的 {told}。"
        )
    why = _why_less(order)
    return Sentence(
        f"First-come-first-served would be worth {told} more: {why.english}.",
        f"先到先得的价值会高出 {told}：{why.chinese}。",
    )


def _reserved(clearing: Clearing) -> Sentence:
    """What lists leave out, where that was asked for, or why they leave out nothing."""
    evidence = clearing.result.evidence if clearing.result else None
    if evidence is None or not clearing.order.reserve:
        return Sentence("", "")
    if evidence.reserve is None:
        why = doubts_of(evidence)
        return Sentence(
            f"It keeps no reserve: {why.english}.", f"本次清算不设保留线：{why.chinese}。"
        )
    most = f"{(WHOLE + evidence.reserve) / 100:.0f} %"
    leaves, not_shown = "leaves", "不显示"
    if clearing.order.dry_run:
        leaves, not_shown = "would leave", "将不显示"
    return Sentence(
        f"For a week a host's list {leaves} out lots that are worth to others more than {most} "
        "of what they are worth to her.",
        f"一周内，主理人的列表{not_shown}对他人的价值超过对其本人价值 {most} 的批次。",
    )


def doubts_of(evidence: Evidence) -> Sentence:
    """What speaks against a reserve, without a full stop; empty where nothing does."""
    told = [_DOUBTS[doubt](evidence) for doubt in evidence.doubts]
    return Sentence(
        "; ".join(each.english for each in told), "；".join(each.chinese for each in told)
    )


def _values_off(evidence: Evidence) -> Sentence:
    bound, most = f"{evidence.take_up.bound or 0:.0%}", f"{evidence.most_off:.0%}"
    return Sentence(
        f"what was claimed may differ by {bound} from what values foretold, above {most}",
        f"实际认领与价值预期可能相差 {bound}，超过 {most}",
    )


def _prices_off(evidence: Evidence) -> Sentence:
    off, most = f"{evidence.prices_off or 0:.0%}", f"{MOST_PRICES_OFF:.0%}"
    return Sentence(
        f"shadow prices have moved by {off} within the week, above {most}",
        f"影子价格一周内相差 {off}，超过 {most}",
    )


_DOUBTS: dict[Doubt, Callable[[Evidence], Sentence]] = {
    Doubt.TOO_FEW_HOLDS: lambda evidence: Sentence(
        f"it takes ended holds of {HOSTS_NEEDED} hosts, and there are those of "
        f"{evidence.take_up.hosts}",
        f"需有至少 {HOSTS_NEEDED} 位主理人的预留到期，目前为 {evidence.take_up.hosts} 位",
    ),
    Doubt.NOTHING_CLAIMED: lambda _: Sentence(
        "nothing of what was held has been claimed", "预留的货品无一被认领"
    ),
    Doubt.VALUES_OFF: _values_off,
    Doubt.TOO_FEW_PRICES: lambda evidence: Sentence(
        f"it takes {PRICES_NEEDED} lots with a shadow price of {PRICE_DAYS} days ago or more, "
        f"and there are {evidence.prices}",
        f"需有至少 {PRICES_NEEDED} 个批次有 {PRICE_DAYS} 天前或更早的影子价格，"
        f"目前为 {evidence.prices} 个",
    ),
    Doubt.PRICES_OFF: _prices_off,
}


def _why_less(order: Order) -> Sentence:
    if order.rule is Rule.NO_ENVY:
        return Sentence(
            "this rule gives up value so that nobody is passed over",
            "本规则放弃部分价值，使无人被越过",
        )
    if order.first_host_bonus or order.first_brand_bonus:
        return Sentence(
            "the bonuses for first gatherings trade a little value "
            "for more hosts and brands served",
            "首场奖励以少量价值换取更多主理人和品牌受益",
        )
    return Sentence("it is within the gap of the best, not the best", "所得并非最优，仅在差距之内")
