"""Ask the tests that failed once more, one at a time: ``make test || make again``.

Several testers on two cores starve each other now and then; what fails for that alone passes by
itself, and is told as unsteady, for somebody to mend. What is wrong fails again: hypothesis keeps
the example that it found. More than ``MOST`` failures are never noise and are not asked again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(__file__).resolve().parent.parent / ".pytest_cache/v/cache/lastfailed"
MOST = 3


def main() -> int:
    """Exit 0 when all of a few failures pass by themselves, 1 in any other case."""
    failed = sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []
    if not 0 < len(failed) <= MOST:
        print(f"{len(failed)} tests failed; asked again are from 1 to {MOST}")
        return 1
    ended = subprocess.run([sys.executable, "-m", "pytest", "-n0", *failed], check=False)  # noqa: S603 - names that pytest wrote itself
    if ended.returncode:
        return 1
    print("unsteady, they pass by themselves:", *failed, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
