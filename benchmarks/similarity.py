"""How fast a theme is compared with 10,000 others: ``python -m benchmarks.similarity``.

The themes are written from the words of the samples, one passage in twenty being a sample's
own, as set phrases are. Every hundredth is a copy of half of an earlier theme under another
author's name. Asked through the index of marks, and, as the peer, by comparing with every one.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cartridges
from benchmarks.backbone import machinery
from benchmarks.machine import machine
from chassis import mongo
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from services.catalog.similarity.domain import Print, Report, report
from services.catalog.similarity.engine.themes import passages_of, structure_of
from services.catalog.similarity.repositories import MongoPrints
from services.catalog.similarity.use_cases import find_alike
from teahouse.cartridge.folder import read_desk
from teahouse.prepare import documents_of

COPIES_EVERY, ASKED, SCANNED = 100, 200, 3

ids = id_maker(system_clock)
prints = MongoPrints()


def samples() -> list[Print]:
    """The themes that come with the format."""
    folder = Path(cartridges.__file__).parent / "samples"
    packed = [read_desk(path).packed() for path in sorted(folder.iterdir()) if path.is_dir()]
    return [
        a_print(number, passages_of(one.manifest, one.files), structure_of(one.manifest))
        for number, one in enumerate(packed)
    ]


def a_print(number: int, passages: dict[str, str], structure: dict[str, int]) -> Print:
    """A theme by an author of its own."""
    return Print(
        digest=f"sha256:{number:064x}",
        cartridge_id=ids("crt"),
        author_id=ids("org"),
        name=f"theme-{number}",
        version="1.0.0",
        published_at=system_clock(),
        ancestors=(),
        passages=passages,
        structure=structure,
    )


def written(number: int, models: list[Print], chance: random.Random) -> Print:
    """A theme of the same shape as a sample, in the samples' words."""
    model, stranger = chance.sample(models, 2)
    words = {
        path: text.split() if path.endswith("en") else list(text)
        for path, text in model.passages.items()
    }
    passages = {}
    for path, found in words.items():
        joint = " " if path.endswith("en") else ""
        mixed = joint.join(chance.sample(found, len(found)))
        passages[path] = stranger.passages.get(path, mixed) if chance.random() < 0.05 else mixed
    return a_print(number, passages, dict(model.structure))


def copied(number: int, original: Print, own: Print, chance: random.Random) -> Print:
    """Half of the passages of one theme, the rest of another."""
    taken = set(chance.sample(sorted(original.passages), len(original.passages) // 2))
    kept = {path: text for path, text in original.passages.items() if path in taken}
    return a_print(number, {**own.passages, **kept}, dict(own.structure))


def shelf(count: int) -> tuple[list[Print], dict[str, str]]:
    """So many themes, stored; and which is a copy of which."""
    chance, models = random.Random(1), samples()
    themes: list[Print] = []
    copies: dict[str, str] = {}
    for number in range(len(models), count + len(models)):
        theme = written(number, models, chance)
        if number % COPIES_EVERY == 0 and themes:
            original = chance.choice(themes)
            theme = copied(number, original, theme, chance)
            copies[theme.digest] = original.digest
        themes.append(theme)
        prints.keep(theme, Report(theme.digest, (), theme.published_at, ()))
    return themes, copies


def timed(themes: list[Print], ask: Callable[[Print], Report]) -> tuple[list[float], list[Report]]:
    """Milliseconds of each question, and what was answered."""
    spent, found = [], []
    for theme in themes:
        fresh = Print(**{name: getattr(theme, name) for name in Print.__dataclass_fields__})
        begun = time.perf_counter()
        found.append(ask(fresh))
        spent.append((time.perf_counter() - begun) * 1000)
    return sorted(spent), found


def main() -> None:
    """Print both ways, and how many of the copies were found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--themes", type=int, default=10_000)
    count = options.parse_args().themes
    with machinery():
        mongo.ensure_indexes(documents_of("chassis", "services.catalog.similarity"))
        print(machine())
        themes, copies = shelf(count)
        asked = random.Random(2).sample(themes, min(ASKED, count))
        now = system_clock()
        spent, _ = timed(asked, lambda theme: find_alike(theme, prints=prints, now=now))
        every, _ = timed(asked[:SCANNED], lambda theme: report(theme, (), themes, at=now))
        thieves = [theme for theme in themes if theme.digest in copies]
        _, found = timed(thieves, lambda theme: find_alike(theme, prints=prints, now=now))
    caught = sum(
        any(twin.digest == copies[one.digest] and twin.is_suspicious for twin in one.twins)
        for one in found
    )
    middle, slow = statistics.median(spent), spent[len(spent) * 99 // 100]
    print(f"  {count:,} themes, {len(asked)} asked about")
    print(f"  by the index of marks     median {middle:8.1f} ms   p99 {slow:8.1f} ms")
    print(f"  by comparing with all     median {statistics.median(every):8.1f} ms")
    print(f"  copies of half a theme    {caught} of {len(copies)} told as suspicious")


if __name__ == "__main__":
    main()
