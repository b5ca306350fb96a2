"""``python -m cartridges.conformance``: try an implementation of the format, ours or another.

``write FOLDER`` writes every case as a file, and ``index.json`` with the verdict on each.
``run [COMMAND ...]`` gives each file to a command and compares; without a command, to this
package. The command gets the path as its last argument and prints JSON:
``{"digest": "sha256:..." or "", "problems": [{"path": "...", "code": "..."}]}``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cartridges.conformance.cases import Case, all_cases
from cartridges.verdict import judge

Given = tuple[str, frozenset[tuple[str, str]]]  # digest, problems
WITHIN_SECONDS = 20  # start of an interpreter included


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite or write it; exit 1 when a verdict differs."""
    parser = argparse.ArgumentParser(prog="cartridges.conformance", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("write", help="write the cases as files").add_argument("folder", type=Path)
    what.add_parser("run", help="try an implementation").add_argument(
        "command", nargs=argparse.REMAINDER, help="it is given a path and prints its verdict"
    )
    given = parser.parse_args(arguments)
    if given.what == "write":
        write(given.folder)
        return 0
    return _run(given.command, as_json=given.json)


def write(folder: Path) -> None:
    """Write every case and the index of verdicts."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in all_cases():
        (folder / case.file_name).write_bytes(case.content)
    index = [
        {
            "file": case.file_name,
            "title": case.title,
            "digest": case.digest,
            "problems": [{"path": path, "code": code} for path, code in sorted(case.problems)],
        }
        for case in all_cases()
    ]
    text = json.dumps(index, ensure_ascii=False, indent=2)
    (folder / "index.json").write_text(f"{text}\n", encoding="utf-8")


def differences(verdict_on: Callable[[Case], Given]) -> list[tuple[Case, Given]]:
    """The cases on which an implementation gives another verdict, with the one it gave."""
    given = [(case, verdict_on(case)) for case in all_cases()]
    return [(case, found) for case, found in given if found != (case.digest, case.problems)]


def ours(case: Case) -> Given:
    """The verdict of this package."""
    verdict = judge(case.file_name, case.content)
    return verdict.digest, frozenset((each.path, each.code) for each in verdict.problems)


def theirs(command: Sequence[str], folder: Path) -> Callable[[Case], Given]:
    """The verdicts of a command on the files that ``write`` has written into a folder."""

    def verdict_on(case: Case) -> Given:
        line = [*command, str(folder / case.file_name)]
        done = subprocess.run(  # noqa: S603 - the caller's own command
            line, capture_output=True, check=False, timeout=WITHIN_SECONDS
        )
        try:
            said = json.loads(done.stdout)
            problems = frozenset((each["path"], each["code"]) for each in said["problems"])
            return str(said["digest"]), problems
        except (ValueError, KeyError, TypeError):
            said = (done.stdout + done.stderr)[-200:].decode(errors="replace")
            return "", frozenset({("", f"no verdict: {said}")})

    return verdict_on


def _run(command: Sequence[str], *, as_json: bool) -> int:
    if command:
        with tempfile.TemporaryDirectory() as name:
            write(Path(name))
            found = differences(theirs(command, Path(name)))
    else:
        found = differences(ours)
    rows = [_row(case, given) for case, given in found]
    if as_json:
        sys.stdout.write(f"{json.dumps({'cases': len(all_cases()), 'differ': rows})}\n")
    else:
        for row in rows:
            sys.stdout.write(
                f"{row['file']} ({row['title']}):\n"
                f"  expected {row['expected']}\n  given    {row['given']}\n"
            )
        sys.stdout.write(f"{len(all_cases())} cases, {len(rows)} differ\n")
    return 1 if rows else 0


def _row(case: Case, given: Given) -> dict[str, str]:
    expected = case.digest or ", ".join(
        f"{path or '/'} {code}" for path, code in sorted(case.problems)
    )
    said = given[0] or ", ".join(f"{path or '/'} {code}" for path, code in sorted(given[1]))
    return {"file": case.file_name, "title": case.title, "expected": expected, "given": said}


if __name__ == "__main__":
    sys.exit(main())
