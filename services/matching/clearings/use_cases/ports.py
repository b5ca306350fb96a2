"""What clearings need of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from services.matching.clearings.domain import (
    Assignment,
    Clearing,
    Gathered,
    Order,
    Stage,
    Valuation,
)
from services.matching.clearings.engine import clear as engine
from services.matching.clearings.engine.market import Market
from services.matching.holds.domain import EndedHold
from services.matching.holds.use_cases import HoldDesk
from services.matching.offers.engine.facts import Demand
from services.matching.offers.use_cases import OfferBook

Told = Callable[[int, int], object]
"""Is told how much of a stage is done, and of how much."""


class SolverFailed(Exception):
    """The market could not be solved: it took too long, too much, or nothing proves the choice.

    Its words are the clearing's ``failure``, which every party may read.
    """


class Clearings(Protocol):
    """The clearings, wherever they are kept."""

    def get(self, clearing_id: str) -> Clearing:
        """Raise ``ClearingNotFound`` rather than return None."""
        ...

    def find(self, clearing_id: str) -> Clearing | None:
        """The clearing, or None."""
        ...

    def of_period(self, period: str) -> Clearing | None:
        """The clearing that holds in a period and has not failed, or None."""
        ...

    def waiting(self) -> Clearing | None:
        """The first that was asked for and has not ended, begun or not."""
        ...

    def save(self, decision: Decision[Clearing]) -> Clearing:
        """Store state and events together, or raise ``Conflict``."""
        ...

    def tell(self, clearing_id: str, stage: Stage, done: int, total: int) -> bool:
        """Note how far it has come, for who watches; no version of it is made.

        Answers whether it has not ended: in a transaction it does not while that lasts.
        """
        ...


class Assignments(Protocol):
    """What was assigned by each attempt of a clearing."""

    def put(self, assignments: Sequence[Assignment]) -> None:
        """Store what an attempt worked out; storing the same again does no harm."""
        ...

    def lots(self, clearing_id: str, attempt: int) -> list[str]:
        """The lots that an attempt assigned, each once."""
        ...

    def proposed(self, clearing_id: str, attempt: int, *, limit: int) -> list[Assignment]:
        """Those of an attempt that were not held or refused yet, lot by lot."""
        ...

    def decide(self, assignments: Sequence[Assignment]) -> None:
        """Note what became of assignments that are stored as proposed."""
        ...

    def held(self, clearing_id: str, attempt: int) -> int:
        """How many of an attempt are held."""
        ...

    def forget_others(self, clearing_id: str, attempt: int) -> None:
        """Delete the assignments that other attempts of a clearing left behind."""
        ...

    def put_demand(self, clearing_id: str, attempt: int, points: Mapping[str, int]) -> None:
        """Store what an attempt found of lots; storing the same again does no harm."""
        ...

    def demand(self, clearing_id: str, attempt: int) -> dict[str, int]:
        """What an attempt found, by lot of its market; nothing of one that stored none."""
        ...


class Demands(Protocol):
    """What the last clearing found of lots, where their rankings read it."""

    def put(self, demands: Mapping[str, Demand | None]) -> None:
        """Note it by lot, None for none any more; saying it twice does no harm."""
        ...


class Gather(Protocol):
    """Where the market comes from."""

    def __call__(self, order: Order, now: datetime, told: Told) -> Gathered:
        """All that hosts may claim at this moment, the best for each, within every rule."""
        ...


class Solve(Protocol):
    """What solves markets."""

    def __call__(self, market: Market, policy: engine.Policy) -> engine.Clearing:
        """Choose; raise ``SolverFailed`` when that could not be done."""
        ...


class Ended(Protocol):
    """What became of what was held before."""

    def __call__(self, valuation: Valuation, model: str, now: datetime) -> list[EndedHold]:
        """The holds that ended of clearings by this valuation and model, of some months."""
        ...


class Bench(NamedTuple):
    """What a clearing is worked out with.

    ``settle_seconds`` are waited between announcing holds and placing them: longer than any
    transaction takes. ``wait`` waits.
    """

    clearings: Clearings
    assignments: Assignments
    gather: Gather
    solve: Solve
    desk: HoldDesk
    book: OfferBook
    demands: Demands
    ended: Ended
    settle_seconds: float
    wait: Callable[[float], object]
