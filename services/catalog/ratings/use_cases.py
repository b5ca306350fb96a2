"""What can be done with ratings, and what is noted of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from services.catalog.ratings.domain import Rating, RunNotVerified, VerifiedRun, first_rating


class GuestStars(NamedTuple):
    """What one guest gave a gathering."""

    gathering_id: str
    stars: int


class PacksBack(NamedTuple):
    """Packs that came back from a gathering with a refund."""

    gathering_id: str
    packs: int


class SettledRun(NamedTuple):
    """A run that was settled and how many came."""

    run: VerifiedRun
    checked_in: int


class Runs(Protocol):
    """The runs, as far as catalog has heard; every fact is told once, in any order."""

    def verified(self, gathering_id: str) -> VerifiedRun | None:
        """The run of a gathering, or None until it is settled."""
        ...

    def note_settled(self, settled: Sequence[SettledRun]) -> None:
        """Remember that runs were settled."""
        ...

    def note_stars(self, given: Sequence[GuestStars]) -> None:
        """Remember what guests gave."""
        ...

    def note_returns(self, returned: Sequence[PacksBack]) -> None:
        """Remember what came back."""
        ...


class Ratings(Protocol):
    """The hosts' ratings, wherever they are kept."""

    def of(self, gathering_id: str) -> Rating | None:
        """The rating of a run, if its host has given one."""
        ...

    def save(self, decision: Decision[Rating]) -> Rating:
        """Store it and reckon its cartridge's figures anew, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCartridge:
    """A host's opinion of a cartridge after one run."""

    host_id: str
    cartridge_id: str
    gathering_id: str
    stars: int
    sentence: str


def rate_cartridge(
    command: RateCartridge, *, runs: Runs, ratings: Ratings, now: datetime
) -> Rating:
    """Rate a cartridge, or change that for 14 days; raise ``RunNotVerified``, ``RatingFinal``."""
    run = runs.verified(command.gathering_id)
    if run is None or (run.host_id, run.cartridge_id) != (command.host_id, command.cartridge_id):
        raise RunNotVerified(f"no settled run {command.gathering_id} of yours with it")
    known = ratings.of(command.gathering_id)
    if known is None:
        decision = first_rating(run, command.stars, command.sentence, at=now)
    else:
        decision = known.change(command.stars, command.sentence, at=now)
    return known if known is not None and decision.state is known else ratings.save(decision)
