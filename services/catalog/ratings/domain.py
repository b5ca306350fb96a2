"""A host's rating of a cartridge she has run, and the figures of all runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import derived_id

CHANGEABLE = timedelta(days=14)


class RunNotVerified(RuleBroken):
    """Only who has run the cartridge at a gathering that was settled may rate it."""

    code = "run-not-verified"
    hint = "Rate it once your gathering with it is settled; naming another's gathering is in vain."
    chinese = "只有以该卡带举办且已结算的活动，其主理人才能评价；请在活动结算后再评价。"


class RatingFinal(RuleBroken):
    """A rating may be changed for fourteen days."""

    code = "rating-final"
    hint = "Rate the cartridge after your next gathering with it."
    chinese = "评价仅可在十四天内修改；请在下一场活动后再次评价。"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRun:
    """A gathering that was settled, and with which version of which cartridge."""

    gathering_id: str
    host_id: str
    cartridge_id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a host gave a cartridge for one run: one to five stars and a sentence."""

    gathering_id: str
    host_id: str
    cartridge_id: str
    digest: str
    stars: int
    sentence: str
    rated_at: datetime
    changed_at: datetime
    revision: Revision = Revision()

    @property
    def id(self) -> str:
        """A gathering is rated once, so the id follows from it."""
        return derived_id("rat", self.gathering_id)

    def change(self, stars: int, sentence: str, *, at: datetime) -> Decision[Rating]:
        """Say something else within fourteen days; the same again changes nothing."""
        if (stars, sentence) == (self.stars, self.sentence):
            return Decision(self)
        if at >= self.rated_at + CHANGEABLE:
            raise RatingFinal(f"it was given at {self.rated_at.isoformat()}")
        return Decision(replace(self, stars=stars, sentence=sentence, changed_at=at))


def first_rating(run: VerifiedRun, stars: int, sentence: str, *, at: datetime) -> Decision[Rating]:
    """Rate a run."""
    return Decision(
        Rating(
            gathering_id=run.gathering_id,
            host_id=run.host_id,
            cartridge_id=run.cartridge_id,
            digest=run.digest,
            stars=stars,
            sentence=sentence,
            rated_at=at,
            changed_at=at,
        )
    )
