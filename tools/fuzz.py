"""Looks for input that the validator of cartridges has no verdict on: ``python -m tools.fuzz``.

Good manifests and packages are changed at random, by value, by character and by byte, and
conditions are put together from the words of the language. A verdict must come every time,
and within a second of processor time. The seed makes a run repeatable; the first input
without a verdict is written to a file and ends the run with 1.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cartridges.conditions import ConditionRefused, Facts, holds
from cartridges.conformance.cases import all_cases
from cartridges.reading import read_manifest
from cartridges.verdict import judge

SLOWEST_SECONDS = 1.0
STOPPING, DROPPING = 0.3, 0.2  # how often a walk stops early, and a value is dropped
_LANGUAGE = """
people teams hour weekday equipment community_tags certificates indoor x
( ) [ ] . , ! - + * / % == != < <= > >= && || ? : { } // \\ ' 'tea' "tea"
in all exists exists_one map filter has size contains matches startsWith
true false null 0 1 9223372036854775807 1.5
"""
WORDS_OF_CONDITIONS = tuple(_LANGUAGE.split())
_ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "",
    "\x00",
    "\ud800",
    "\u202e",
    "<b>",
    "x" * 3000,
    [],
    {},
)

Case = tuple[str, bytes]  # a file's name and its bytes


def main() -> int:
    """Fuzz for a while; print how many inputs of each kind were judged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    given = parser.parse_args()
    chance, counts = random.Random(given.seed), Counter[str]()  # noqa: S311 - no secret
    kinds = _kinds(chance)
    until = time.monotonic() + given.minutes * 60
    while time.monotonic() < until:
        for kind, make in kinds.items():
            case = make()
            if fault := _fault(case):
                Path(f"fuzz-{case[0]}").write_bytes(case[1])
                sys.stderr.write(f"seed {given.seed}, {kind}, fuzz-{case[0]}: {fault}\n")
                return 1
            counts[kind] += 1
    answer = {"seed": given.seed, "minutes": given.minutes, **counts, "cases": counts.total()}
    sys.stdout.write(f"{json.dumps(answer)}\n")
    return 0


def _fault(case: Case) -> str:
    """Why there was no verdict in time, or nothing."""
    began = time.process_time()  # of ours: the machine may have other work
    try:
        if case[0] == "condition":
            _condition(case[1].decode())
        else:
            judge(*case)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return repr(error)
    seconds = time.process_time() - began
    return f"{seconds:.2f} s" if seconds > SLOWEST_SECONDS else ""


def _condition(expression: str) -> None:
    try:
        holds(expression, Facts(people=9, equipment=("tea", "kiln")))
    except ConditionRefused:
        return


def _kinds(chance: random.Random) -> dict[str, Callable[[], Case]]:
    good = [case for case in all_cases() if case.digest]
    texts = [case.content for case in good if case.file_name.endswith(".yaml")]
    manifests = [read_manifest(text).manifest for text in texts]
    packages = [case.content for case in good if case.file_name.endswith(".cartridge")]

    def changed_value() -> Case:
        manifest = json.loads(json.dumps(chance.choice(manifests)))
        for _ in range(chance.randint(1, 4)):
            _change(manifest, chance)
        return "manifest.json", json.dumps(manifest).encode()

    return {
        "values": changed_value,
        "characters": lambda: ("manifest.yaml", _spoilt(chance.choice(texts), chance)),
        "packages": lambda: ("package.cartridge", _spoilt(chance.choice(packages), chance)),
        "conditions": lambda: (
            "condition",
            " ".join(chance.choices(WORDS_OF_CONDITIONS, k=chance.randint(1, 30))).encode(),
        ),
    }


def _change(value: Any, chance: random.Random) -> None:  # noqa: ANN401 - any JSON value
    """Walk down at random, then put something odd there, or drop what is there."""
    while True:
        names = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not names:
            return
        name = chance.choice(names)
        inner = value[name]
        if not isinstance(inner, dict | list) or not inner or chance.random() < STOPPING:
            break
        value = inner
    if chance.random() < DROPPING:
        del value[name]
    else:
        value[name] = chance.choice(_ODD)


def _spoilt(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, dropped, doubled or cut off."""
    spoilt = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(spoilt) + 1)
        match chance.randrange(4):
            case 0:
                spoilt[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del spoilt[place : place + chance.randint(1, 40)]
            case 2:
                spoilt[place:place] = spoilt[place : place + chance.randint(1, 400)]
            case _:
                spoilt[place:place] = bytes([chance.choice(b"{}[]:&*!|>%@`#-\n\t\x00")])
    return bytes(spoilt)


if __name__ == "__main__":
    sys.exit(main())
