"""``python -m`` of this reads a market and a policy, and writes the clearing."""

from __future__ import annotations

import pickle
import sys

from services.matching.clearings.engine.clear import clear


def main() -> None:
    """Solve what stands on standard input."""
    market, policy = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own worker
    sys.stdout.buffer.write(pickle.dumps(clear(market, policy)))


if __name__ == "__main__":
    main()
