"""Markets solved in a process of their own, which takes its memory with it when it ends."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chassis.logging import logger
from services.matching.clearings.engine.clear import Clearing, Policy
from services.matching.clearings.engine.market import Market
from services.matching.clearings.use_cases import SolverFailed

ROOT = Path(__file__).parents[4]
SOLVER = f"{__package__}.solver"
LONGEST_SECONDS = 900.0
MOST_SAID = 10_000
"""The last characters of what a solver said before it failed go into the log, for us alone."""


@dataclass(frozen=True, slots=True)
class SolvedApart:
    """The ``Solve`` port: a fresh Python reads the market, solves it, writes the answer, ends.

    The solvers' libraries are loaded there alone. One whose worker dies ends by itself: it
    has its market already, and nobody reads its answer. ``command`` is what is run.
    """

    longest_seconds: float = LONGEST_SECONDS
    command: tuple[str, ...] = (sys.executable, "-m", SOLVER)

    def __call__(self, market: Market, policy: Policy) -> Clearing:
        """Choose; raise ``SolverFailed`` when it takes too long or ends in any other way."""
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                self.command,
                input=pickle.dumps((market, policy)),
                capture_output=True,
                cwd=ROOT,
                timeout=self.longest_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SolverFailed(f"no answer within {self.longest_seconds:.0f} s") from None
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            logger("clearings").error("solver ended", code=done.returncode, said=said[-MOST_SAID:])
            raise SolverFailed(f"the solver ended with {done.returncode}")
        solved: Clearing = pickle.loads(done.stdout)  # noqa: S301 - written by our own module
        return solved
