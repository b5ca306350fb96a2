"""``teahouse prepare``: make what has to exist before the services start."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.progress import track

from chassis.cluster import WrongPartitions
from chassis.embedded.trouble import CannotStart
from chassis.settings import SERVICES
from teahouse import prepare as preparing
from teahouse import programs
from teahouse.speech import Exit, Json, console, emit

Wait = Annotated[
    float, typer.Option("--wait", help="Seconds to wait for MongoDB and the broker to answer.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--service", help="Prepare only this service; may be repeated."),
]


app = typer.Typer(add_completion=False)


@app.command()
def prepare(*, only: Only = None, wait: Wait = 30, as_json: Json = False) -> None:
    """Create collections, indexes, topics and first keys; harmless to repeat.

    Run it once before the services start and after every upgrade. `teahouse up` does it
    by itself. Where things are is read from the environment, as the services do:
    CATALOG_MONGO_URI, TEAHOUSE_KAFKA_BROKERS and so on (`teahouse config check`).
    """
    started = time.monotonic()
    wanted = tuple(only or programs.services())
    if unknown := set(wanted) - set(SERVICES):
        raise typer.BadParameter(f"no service {sorted(unknown)}; there are {', '.join(SERVICES)}")
    steps = track(wanted, "Preparing", console=console, disable=as_json, transient=True)
    try:
        for service in wanted[:1]:
            preparing.wait_for_mongo(service, within_seconds=wait)
        made = {service: _prepare(service, wait) for service in steps}
    except TimeoutError as silence:
        raise _no_answer(silence) from silence
    except WrongPartitions as wrong:
        raise _wrong_partitions(wrong) from wrong
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        emit({"services": {name: asdict(one) for name, one in made.items()}, "seconds": seconds})
    else:
        _show(made, seconds)
    raise typer.Exit(Exit.OK)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one service has now."""

    collections: list[str]
    topics: list[str]


def _prepare(service: str, wait: float) -> Prepared:
    return Prepared(
        collections=preparing.prepare_service(service),
        topics=preparing.prepare_topics(service, within_seconds=wait),
    )


def _no_answer(silence: TimeoutError) -> CannotStart:
    return CannotStart(
        str(silence),
        code="no-answer",
        fix="start it, or correct its address; `teahouse config check` shows which is used",
        chinese="MongoDB 或消息代理无响应：请先启动，或用 `teahouse config check` 核对地址。",
    )


def _wrong_partitions(wrong: WrongPartitions) -> CannotStart:
    return CannotStart(
        f"topics with another number of partitions than TEAHOUSE_TOPIC_PARTITIONS: {wrong}",
        code="wrong-partitions",
        fix=(
            "set TEAHOUSE_TOPIC_PARTITIONS to what these topics were made with: it is fixed for "
            "life, since another number would break the order of events"
        ),
        chinese="主题分区数与 TEAHOUSE_TOPIC_PARTITIONS 不符，请改回建立主题时的分区数。",
    )


def _show(made: dict[str, Prepared], seconds: float) -> None:
    for name, one in made.items():
        console.print(
            f"{name}: {len(one.collections)} collections with their indexes, "
            f"{len(one.topics)} topics"
        )
    console.print(f"Prepared in {seconds} s.")
