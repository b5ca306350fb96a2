"""House rules no other tool checks: file length, addresses and paths that must not be here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
MOST_ENTRIES = 20

# Split, so that this file passes its own check.
_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "crates" + ".io",
    "proxy.golang" + ".org",
    "repo1.maven" + ".org",
    "repo.maven" + ".apache.org",
    "deb.debian" + ".org",
)
_MACHINE_PATHS = ("/work" + "/main", "/work" + "/shared")
ADDRESSES = re.compile("|".join(re.escape(text) for text in _HOSTS))
MACHINE_PATHS = re.compile("|".join(re.escape(text) for text in _MACHINE_PATHS))


def main() -> int:
    """Print every finding; exit 1 when there is one."""
    findings = [*too_many_entries(tracked_files()), *stray_pins()]
    for path in tracked_files():
        findings += findings_in(path)
    for finding in findings:
        print(finding)
    if not findings:
        print("the house is in order")
    return 1 if findings else 0


def tracked_files() -> list[Path]:
    """Every file under version control that is on disk, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(  # noqa: S603 - a constant command
        command, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    paths = [Path(name) for name in listing.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


def too_many_entries(paths: list[Path]) -> Iterator[str]:
    """At most twenty visible entries at the top, so that the listing is the map."""
    entries = {path.parts[0] for path in paths if not path.parts[0].startswith(".")}
    if len(entries) > MOST_ENTRIES:
        yield f"{len(entries)} entries at the top, more than {MOST_ENTRIES}: {sorted(entries)}"


def stray_pins() -> Iterator[str]:
    """The images install the very versions that were tested."""
    tested, shipped = pins_of("constraints.txt"), pins_of("deploy/runtime.txt")
    for pin in sorted(shipped - tested):
        yield f"deploy/runtime.txt: {pin} is not in constraints.txt: run `make pins`"


def pins_of(name: str) -> set[str]:
    """The lines of a file of pins that name a version."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.rstrip("\\ ") for line in lines if "==" in line and not line.startswith(" ")}


def findings_in(path: Path) -> Iterator[str]:
    """What is wrong with one file."""
    try:
        text = (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    lines = text.count("\n")
    if path.suffix == ".py" and lines > LONGEST:
        yield f"{path}: {lines} lines, more than {LONGEST}"
    for number, line in enumerate(text.splitlines(), 1):
        if ADDRESSES.search(line):
            yield f"{path}:{number}: the address of a package registry"
        if MACHINE_PATHS.search(line):
            yield f"{path}:{number}: a path of one machine"


if __name__ == "__main__":
    sys.exit(main())
