"""How a host kept her word: the same for her, with how to repair it, and for brands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from services.matching.pictures.domain.sentences import Sentence, count

# What is believed of a host before anything is known of her: eight kept of ten.
BELIEVED_KEPT, BELIEVED = 8, 10
GOOD = 900
THOUSAND = 1_000


class RecordLine(NamedTuple):
    """One figure of a record, where it comes from, and how its host can better it, if at all."""

    name: str
    number: int
    why: Sentence
    repair: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """What became of a host's gatherings, counted over all of them.

    ``approved`` were approved or settled, ``called_off`` by herself; ``fair_returns`` are
    refunds that she let be paid; ``stars`` is the sum over ``ratings``.
    """

    held: int = 0
    approved: int = 0
    settled: int = 0
    disputed: int = 0
    called_off: int = 0
    fair_returns: int = 0
    ratings: int = 0
    stars: int = 0

    @property
    def reliability(self) -> int:
        """Per mille, never 0 nor 1,000: the share of gatherings that ended as was agreed.

        A host of whom nothing is known has 800, as if eight of ten had been kept before.
        """
        kept = self.approved + BELIEVED_KEPT
        return THOUSAND * kept // (self.approved + self.disputed + self.called_off + BELIEVED)

    @property
    def approvals_to_good(self) -> int:
        """How many more approved gatherings make it 900 per mille at least."""
        decided = self.approved + self.disputed + self.called_off + BELIEVED
        kept, short = self.approved + BELIEVED_KEPT, THOUSAND - GOOD
        return max(0, -((THOUSAND * kept - GOOD * decided) // short))

    def lines(self) -> tuple[RecordLine, ...]:
        """Every figure, for its host to read and for brands."""
        return (
            RecordLine("held", self.held, _HELD),
            RecordLine("approved", self.approved, _APPROVED),
            RecordLine("settled", self.settled, _SETTLED),
            RecordLine("disputed", self.disputed, _DISPUTED, self._repair(self.disputed)),
            RecordLine("called-off", self.called_off, _CALLED_OFF, self._repair(self.called_off)),
            RecordLine("fair-returns", self.fair_returns, _FAIR_RETURNS),
            RecordLine("ratings", self.ratings, _RATINGS),
            RecordLine("stars", self.stars, _STARS),
            RecordLine("reliability", self.reliability, _RELIABILITY, self._improve()),
        )

    def _repair(self, number: int) -> Sentence | None:
        if not number:
            return None
        return Sentence(
            "It stays, and weighs less with every gathering that is approved. "
            "What a brand took back or the platform ruled for you counts as approved too.",
            "记录会保留，但每多一场获批的活动，其影响就减小；品牌撤回异议或平台裁定支持您的，同样计为获批。",
        )

    def _improve(self) -> Sentence | None:
        more = self.approvals_to_good
        if not more:
            return None
        return Sentence(
            f"{count(more, 'more approved gathering', 'more approved gatherings')} "
            f"without a new dispute or cancellation make it {GOOD} per mille.",
            f"再有 {more} 场获批且没有新的异议或取消，即可达到千分之 {GOOD}。",
        )


NO_RECORD = HostRecord()

_HELD = Sentence(
    "Gatherings she hosted or co-hosted and said were held; from the record of behaviour.",
    "主办或协办并已举办的活动；来自行为记录。",
)
_APPROVED = Sentence(
    "Her gatherings that were approved or paid out; from the gatherings themselves.",
    "已获批准或已结算的活动；来自活动记录。",
)
_SETTLED = Sentence(
    "Her gatherings that were paid out; from the record of behaviour.",
    "已结算的活动；来自行为记录。",
)
_DISPUTED = Sentence(
    "Her gatherings to which a brand objected; from the record of behaviour.",
    "品牌提出异议的活动；来自行为记录。",
)
_CALLED_OFF = Sentence(
    "Gatherings she called off; from the record of behaviour.",
    "主动取消的活动；来自行为记录。",
)
_FAIR_RETURNS = Sentence(
    "Refunds paid at her gatherings; from the record of behaviour. They count for nobody's harm.",
    "其活动中已支付的退款；来自行为记录，不作负面计算。",
)
_RATINGS = Sentence(
    "Guests who rated her gatherings; from the record of behaviour.",
    "为其活动评分的来宾人数；来自行为记录。",
)
_STARS = Sentence(
    "The stars of all ratings together; from the record of behaviour.",
    "全部评分的星数之和；来自行为记录。",
)
_RELIABILITY = Sentence(
    "Per mille: approved and eight, of approved, disputed, called off and ten.",
    "千分比：获批数加 8，除以获批、异议、取消数之和加 10。",
)
