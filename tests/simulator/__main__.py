"""Play schedules, or one of them again: ``python -m tests.simulator --seeds 10000``."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.simulator.run import first_failure, play


def main() -> int:
    """Exit with 0 when every schedule kept every law, with 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="this one alone, with the whole traceback")
    parser.add_argument("--json", action="store_true", help="one line for programs")
    asked = parser.parse_args()
    if asked.seed is not None:
        world = play(asked.seed)
        _say(f"seed {asked.seed}: {len(world.log.segments)} segments, every law kept")
        return 0
    began = time.perf_counter()
    failure = first_failure(range(asked.first, asked.first + asked.seeds))
    seconds = time.perf_counter() - began
    if asked.json:
        found = {"seed": failure.seed, "law": failure.law} if failure else None
        _say(json.dumps({"seeds": asked.seeds, "seconds": round(seconds, 1), "broken": found}))
    else:
        _say(failure or f"{asked.seeds} schedules in {seconds:.1f} s, every law kept")
    return 1 if failure else 0


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")


if __name__ == "__main__":
    sys.exit(main())
