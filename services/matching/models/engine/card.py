"""What the card of every model says alike, in both languages."""

from __future__ import annotations

from typing import NamedTuple

from services.matching.models.engine.evaluation import CLIP, ROUNDS
from services.matching.models.engine.judging import EFFECTIVE_NEEDED, HOSTS_NEEDED, PAGES_NEEDED
from services.matching.models.engine.neighbours import LEAST_HOSTS


class Saying(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


INTENDED_USE = Saying(
    "It orders the lots that a host may claim, by how likely she is to claim them. It decides "
    "neither who may have a lot nor what anybody is paid.",
    "用于为主理人排列其可认领的货品，按认领的可能性排序；不决定谁有资格认领，也不影响任何人的收入。",
)
DATA = Saying(
    "What hosts were shown, kept for 180 days, and which of it they claimed within 14 days, "
    "confirmed. Two hosts of three are learned from; what the third was shown is only judged "
    "by. The latest 6,000 pages count, and 3,000 of those judged by. Nothing of guests goes in.",
    "来自展示给主理人的货品记录（保留 180 天）以及其中在 14 天内认领并确认的部分。"
    "三分之二的主理人用于学习，其余只用于评估；学习取最近六千页，评估取最近三千页。不使用任何来宾数据。",
)
SIGNS = Saying(
    "Every weight is above zero, at least a tenth of the built-in one before all are brought "
    "to a million, but that of kindred, which may be zero: more of a term never counts against "
    "a lot.",
    "每个权重都大于零，归一前不低于内置权重的十分之一；唯相近认领（kindred）一项可为零。"
    "任何一项越多，都不会对货品不利。",
)
KINSHIPS = Saying(
    "Two brands, or two categories, are alike as far as the same hosts claimed of both: the "
    "cosine, shrunk. At least "
    f"{LEAST_HOSTS} hosts must have, so that none tells what a single host claimed, and hosts "
    "who are only judged by do not count. A lot is kindred to a host by what she claimed before.",
    "两个品牌（或品类）被相同的主理人认领得越多，就越相近（收缩余弦相似度）；"
    f"须有至少 {LEAST_HOSTS} 位主理人同时认领过，以免透露任何一位的认领，用于评估的主理人不计入。"
    "货品与主理人是否相近，取决于她此前的认领。",
)
METHOD = Saying(
    "Judged by what the promoted model showed, by IPS, SNIPS and DR: a row counts for at most "
    f"{CLIP:.0f}, intervals hold 95 in 100 by {ROUNDS:,} rounds of a bootstrap over hosts. It "
    f"is supported by {PAGES_NEEDED} pages of {HOSTS_NEEDED} hosts or more, worth "
    f"{EFFECTIVE_NEEDED:,} rows of equal weight or more, when the interval of the gain by DR "
    "does not begin below zero.",
    "以现用模型展示的记录评估，采用 IPS、SNIPS 与 DR 三种估计："
    f"单行权重至多为 {CLIP:.0f}，95% 区间由按主理人重抽样 {ROUNDS:,} 轮得出。"
    f"须有至少 {PAGES_NEEDED} 页、{HOSTS_NEEDED} 位主理人、"
    f"相当于 {EFFECTIVE_NEEDED:,} 行的有效样本，且 DR 增益区间下限不小于零，方视为得到支持。",
)
LIMITS = (
    Saying(
        "It is judged by the order of lots that were on a page. What it would have fetched "
        "that was on no page is not known.",
        "评估只看已展示页面内的排列次序；未曾展示的货品若被选中会怎样，记录无法说明。",
    ),
    Saying(
        "How much a place is looked at is taken to fall by one curve, the same for all hosts.",
        "假定各位置被看到的程度按同一条曲线下降，对所有主理人相同。",
    ),
    Saying(
        "One lesson for all hosts: those who differ from most are served by the tags of their "
        "communities alone.",
        "所有主理人共用一组权重；与众不同的主理人只能靠其社群标签得到体现。",
    ),
    Saying(
        "A host of whom nothing is known sees lots by subsidy, price, date, popularity and "
        "freshness; a lot nobody has claimed has its freshness for it. No weight learned takes "
        "that away.",
        "对没有任何信息的主理人，按补贴、价格、保质期、热度和新鲜度排列；尚无人认领的货品靠新鲜度获得展示机会，学习不会使其消失。",
    ),
)
