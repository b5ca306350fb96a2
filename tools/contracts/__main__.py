"""``python -m tools.contracts`` writes ``contracts/``; with ``--check`` it only compares."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chassis.settings import SERVICES
from tools.contracts import asyncapi, openapi
from tools.contracts.catalogue import CONTRACTS, disagreements, event_classes
from tools.contracts.examples import examples_of
from tools.contracts.schemas import data_schema, envelope_schema

CODES = CONTRACTS / "error-codes.txt"
VERSION = "0.1.0"
WRITTEN_BY_HAND = {CONTRACTS / "topics.yaml"}


def main() -> int:
    """Write or compare; print every difference; exit 1 when there is one that matters."""
    services = [name for name in SERVICES if importlib.util.find_spec(f"services.{name}.app")]
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(services, pool.map(openapi.asked, services), strict=True))
    complaints = [*disagreements(), *_lost_codes(answers)]
    wanted = dict(_documents(answers))
    if "--check" in sys.argv[1:]:
        complaints += _differences(wanted)
    else:
        _write(wanted)
    for complaint in complaints:
        print(complaint)
    if not complaints:
        print(f"contracts/ says what the code does: {len(wanted)} files")
    return 1 if complaints else 0


def _documents(answers: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Path, str]]:
    """Every file that belongs in ``contracts/`` and what it should say."""
    yield CONTRACTS / "events" / "envelope.json", _text(envelope_schema())
    for event_type, kind in event_classes().items():
        yield CONTRACTS / "events" / f"{event_type}.json", _text(data_schema(kind))
        yield from _examples(event_type, examples_of(kind))
    for service, answer in answers.items():
        document = asyncapi.document(service, version=VERSION)
        yield CONTRACTS / "asyncapi" / f"{service}.json", _text(document)
        yield CONTRACTS / "openapi" / f"{service}.json", _text(answer["openapi"])
    yield CODES, _codes(answers)
    yield CONTRACTS / "callers.txt", _callers(answers)


def _examples(event_type: str, made: list[str]) -> Iterator[tuple[Path, str]]:
    """Examples are never rewritten: one that differs from the last gets the next number.

    What was ever published stays here, and consumers must go on reading it.
    """
    folder = CONTRACTS / "examples" / event_type
    kept = sorted(folder.glob("*.json"), key=lambda path: int(path.stem))
    for path in kept:
        yield path, path.read_text(encoding="utf-8")
    known = {path.read_text(encoding="utf-8") for path in kept}
    for text in made:
        if text not in known:
            yield folder / f"{len(kept) + 1}.json", text


def _codes(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """Every error code and its status. Clients rely on them, so the list only grows.

    A code that no class has any more stays in the file and fails the check, until somebody
    takes the line out by hand and says so in the change log.
    """
    codes = _known_codes()
    for answer in answers.values():
        codes |= {code: str(status) for code, status in answer["codes"].items()}
    return "".join(f"{codes[code]} {code}\n" for code in sorted(codes))


def _callers(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """Who may call what, for all services: a change of rights shows in the review."""
    lines = (
        f"{service:<9} {route:<58} {who}\n"
        for service, answer in answers.items()
        for route, who in answer["callers"].items()
    )
    return "".join(lines)


def _known_codes() -> dict[str, str]:
    lines = CODES.read_text(encoding="utf-8").splitlines() if CODES.exists() else []
    return {code: status for status, _, code in (line.partition(" ") for line in lines)}


def _lost_codes(answers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    current = {code for answer in answers.values() for code in answer["codes"]}
    for code in sorted(_known_codes().keys() - current):
        yield f"contracts/error-codes.txt: {code} is gone, which breaks clients"


def _differences(wanted: Mapping[Path, str]) -> Iterator[str]:
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{_name(path)} is not what the code says: run `make contracts`"
    for path in _strays(wanted):
        yield f"{_name(path)} belongs to nothing in the code"


def _write(wanted: Mapping[Path, str]) -> None:
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in _strays(wanted):
        path.unlink()


def _strays(wanted: Mapping[Path, str]) -> list[Path]:
    """Files in ``contracts/`` that nothing in the code asks for."""
    files = {path for path in CONTRACTS.rglob("*") if path.is_file()}
    return sorted(files - wanted.keys() - WRITTEN_BY_HAND)


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _name(path: Path) -> str:
    return str(path.relative_to(CONTRACTS.parent))


if __name__ == "__main__":
    sys.exit(main())
