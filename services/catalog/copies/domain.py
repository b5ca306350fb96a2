"""A copy claim and its way: opened, answered, ruled, perhaps appealed, closed.

Every state but the last has a day by which somebody must speak, and what happens if nobody
does is said beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken
from services.catalog.copies.events import (
    CopyClaimAnswered,
    CopyClaimAppealed,
    CopyClaimClosed,
    CopyClaimOpened,
    CopyClaimRuled,
)
from services.catalog.similarity.domain import LISTED, Twin

PERIOD = timedelta(days=14)  # for the answer, the ruling, the appeal and the ruling on that


class CopyClaimNotFound(NotFound):
    """There is no such copy claim among those you have a part in."""

    code = "copy-claim-not-found"
    hint = "Check the identifier; a claim is read by its two authors and the platform."
    chinese = "没有这个抄袭申诉，请核对编号；申诉仅双方作者与平台可见。"


class OriginalNotYours(Forbidden):
    """Only who published the original may say that it was copied."""

    code = "original-not-yours"
    hint = "Name a version that your own organisation has published."
    chinese = "只有原作的发布者可以提出抄袭申诉，请填写本组织发布的版本。"


class ClaimUnfounded(RuleBroken):
    """The two versions cannot be an original and its copy."""

    code = "copy-claim-unfounded"
    hint = "Read the detail: who was first, the declared lineage, and what is alike."
    chinese = "两个版本不构成原作与抄袭的关系，请查看详情：发布先后、声明的来源或相似程度。"


class CopyClaimedAlready(Conflict):
    """The version has a copy claim that stands, or had this very one."""

    code = "copy-claimed-already"
    hint = "Wait until the claim that stands is closed; what was decided is not claimed again."
    chinese = "该版本已有未结案的抄袭申诉，或同一申诉已有定论。"


class CopyClaimNotOpen(RuleBroken):
    """The claim is past that: it was done, or the time for it is over."""

    code = "copy-claim-not-open"
    hint = "Read the claim again; state and due_at say who may do what until when."
    chinese = "该申诉已过此阶段或期限已到，请重新查看其状态与截止时间。"


class NotYourTurn(Forbidden):
    """That is for the other party of the claim."""

    code = "copy-claim-not-your-turn"
    hint = "The accused answers; who lost the ruling may appeal."
    chinese = "此操作应由申诉的另一方进行：被申诉方答辩，裁定不利的一方可上诉。"


class SameReviewer(Conflict):
    """An appeal is ruled on by another reviewer than the first."""

    code = "same-reviewer"
    hint = "Let another member of the platform rule."
    chinese = "上诉须由另一位审查员裁定。"


class ClaimState(StrEnum):
    """Whose turn it is: the accused's, a reviewer's, the loser's, another reviewer's, nobody's."""

    OPENED = "opened"
    ANSWERED = "answered"
    RULED = "ruled"
    APPEALED = "appealed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """Whether the version is a copy."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class Silence(NamedTuple):
    """What happens when the time is over and nobody has spoken."""

    english: str
    chinese: str


SILENCE: Mapping[ClaimState, Silence] = {
    ClaimState.OPENED: Silence(
        "Without an answer a reviewer rules on the claim alone.",
        "逾期未答辩，审查员仅依申诉内容裁定。",
    ),
    ClaimState.ANSWERED: Silence(
        "Without a ruling the claim is rejected, and the royalties go to the accused.",
        "逾期未裁定，申诉视为不成立，暂存版税付给被申诉方。",
    ),
    ClaimState.RULED: Silence(
        "Without an appeal the ruling is final.", "逾期未上诉，裁定即生效。"
    ),
    ClaimState.APPEALED: Silence(
        "Without a second ruling the first one stands.", "逾期未作二次裁定，维持首次裁定。"
    ),
}


class Version(NamedTuple):
    """A published version."""

    cartridge_id: str
    version: str
    digest: str
    author_id: str
    published_at: datetime


class Ruling(NamedTuple):
    """What a reviewer decided and why; both authors read it, with her name."""

    outcome: Outcome
    reasons: str
    reviewer_id: str
    reviewer_name: str
    ruled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaim:
    """That ``accused`` copies ``original``; ``evidence`` is how much of it is found there.

    ``payees`` are the original's authors in basis points, who get the royalties if it is
    upheld. ``due_at`` is by when whoever's turn it is must speak; None once it is closed.
    """

    id: str
    original: Version
    accused: Version
    statement: str
    evidence: Twin
    payees: Mapping[str, int]
    opened_at: datetime
    due_at: datetime | None
    state: ClaimState = ClaimState.OPENED
    answer: str | None = None
    rulings: tuple[Ruling, ...] = ()
    appeal: str | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    revision: Revision = Revision()

    @property
    def is_standing(self) -> bool:
        """Whether it keeps others from claiming the same version: open, or upheld."""
        return self.state is not ClaimState.CLOSED or self.outcome is Outcome.UPHELD

    @property
    def silence(self) -> Silence | None:
        """What happens when nobody speaks until ``due_at``."""
        return SILENCE.get(self.state)

    def involves(self, organization_id: str) -> bool:
        """Whether an organisation is one of its two parties."""
        return organization_id in {self.original.author_id, self.accused.author_id}

    def open(self) -> Decision[CopyClaim]:
        """Let it be; raise ``ClaimUnfounded`` when it cannot be true."""
        if self.original.author_id == self.accused.author_id:
            raise ClaimUnfounded("both versions are yours")
        if self.original.published_at >= self.accused.published_at:
            raise ClaimUnfounded(f"it was published first, at {self.accused.published_at}")
        if self.evidence.share < LISTED:
            share = self.evidence.share
            raise ClaimUnfounded(f"{share} basis points of text are alike", alike=share)
        opened = CopyClaimOpened(
            **self._about(), original_digest=self.original.digest, occurred_at=self.opened_at
        )
        return Decision(self, (opened,))

    def give_answer(self, text: str, *, by: str, at: datetime) -> Decision[CopyClaim]:
        """Let the accused answer in time."""
        if by != self.accused.author_id:
            raise NotYourTurn("the accused answers")
        self._must_be(ClaimState.OPENED, at=at)
        return self._answered(text, at=at)

    def rule(self, ruling: Ruling) -> Decision[CopyClaim]:
        """Take a ruling in: the first may be appealed, the one on the appeal is final."""
        at = ruling.ruled_at
        self._must_be(ClaimState.ANSWERED, ClaimState.APPEALED, at=at)
        if any(ruling.reviewer_id == earlier.reviewer_id for earlier in self.rulings):
            raise SameReviewer(f"{ruling.reviewer_id} ruled first")
        ruled = replace(
            self, state=ClaimState.RULED, rulings=(*self.rulings, ruling), due_at=at + PERIOD
        )
        fact = CopyClaimRuled(**self._about(), outcome=ruling.outcome, occurred_at=at)
        if self.state is ClaimState.ANSWERED:
            return Decision(ruled, (fact,))
        closed, (last,), _ = ruled._closed(ruling.outcome, at=at)
        return Decision(closed, (fact, last))

    def make_appeal(self, text: str, *, by: str, at: datetime) -> Decision[CopyClaim]:
        """Let who lost ask another reviewer, once and in time."""
        self._must_be(ClaimState.RULED, at=at)
        is_upheld = self.rulings[-1].outcome is Outcome.UPHELD
        loser = self.accused.author_id if is_upheld else self.original.author_id
        if by != loser:
            raise NotYourTurn("who lost may appeal")
        appealed = replace(self, state=ClaimState.APPEALED, appeal=text, due_at=at + PERIOD)
        fact = CopyClaimAppealed(**self._about(), appealed_by=by, occurred_at=at)
        return Decision(appealed, (fact,))

    def lapse(self, *, at: datetime) -> Decision[CopyClaim]:
        """Go on without whoever kept silent; before ``due_at`` it changes nothing."""
        if self.due_at is None or at < self.due_at:
            return Decision(self)
        if self.state is ClaimState.OPENED:
            return self._answered(None, at=at)
        if self.state is ClaimState.ANSWERED:
            return self._closed(Outcome.REJECTED, at=at)
        return self._closed(self.rulings[0].outcome, at=at)

    def _answered(self, text: str | None, *, at: datetime) -> Decision[CopyClaim]:
        answered = replace(self, state=ClaimState.ANSWERED, answer=text, due_at=at + PERIOD)
        is_answered = text is not None
        fact = CopyClaimAnswered(**self._about(), is_answered=is_answered, occurred_at=at)
        return Decision(answered, (fact,))

    def _closed(self, outcome: Outcome, *, at: datetime) -> Decision[CopyClaim]:
        closed = replace(self, state=ClaimState.CLOSED, outcome=outcome, due_at=None, closed_at=at)
        payees = self.payees if outcome is Outcome.UPHELD else {}
        fact = CopyClaimClosed(**self._about(), outcome=outcome, payees=payees, occurred_at=at)
        return Decision(closed, (fact,))

    def _must_be(self, *states: ClaimState, at: datetime) -> None:
        if self.state not in states or (self.due_at is not None and at >= self.due_at):
            raise CopyClaimNotOpen(f"it is {self.state}, due {self.due_at}", state=str(self.state))

    def _about(self) -> dict[str, str]:
        return {
            "copy_claim_id": self.id,
            "digest": self.accused.digest,
            "claimant_id": self.original.author_id,
            "accused_id": self.accused.author_id,
        }
