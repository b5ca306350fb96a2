"""Many at once: a bounded crew of threads, and the waiting for what others do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from teahouse.demo.journey.wire import Refused
from teahouse.demo.trouble import DemoTrouble

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 8  # as many as an api process answers at once
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 120.0


class TooLate(DemoTrouble):
    """Something that had to come did not come in time."""


class Stage(Protocol):
    """Where progress is told."""

    def expect(self, more: int) -> None:
        """So many more steps are to come."""

    def step(self, count: int = 1) -> None:
        """So many steps are done."""


def together(
    work: Callable[[Item], Result], items: Iterable[Item], stage: Stage, *, threads: int = THREADS
) -> list[Result]:
    """Do the work on all items, some at a time; results in order, the first error raised."""
    waiting = list(items)
    stage.expect(len(waiting))

    def one(item: Item) -> Result:
        result = work(item)
        stage.step()
        return result

    with ThreadPoolExecutor(max_workers=threads) as pool:
        futures = [pool.submit(one, item) for item in waiting]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def await_that(
    what: str,
    look: Callable[[], Result | None],
    *,
    timeout_seconds: float = PATIENCE_SECONDS,
    poll_seconds: float = POLL_SECONDS,
) -> Result:
    """Look until there is something to see; raise ``TooLate`` naming what was missing."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise TooLate(f"waited {timeout_seconds:g} s for {what}")
        time.sleep(poll_seconds)


def once_not(
    code: str, ask: Callable[[], Result], *, timeout_seconds: float = PATIENCE_SECONDS
) -> Result:
    """Ask again while the answer is this refusal: what lifts it is on its way."""

    def look() -> tuple[Result] | None:
        try:
            return (ask(),)
        except Refused as refused:
            if refused.code != code:
                raise
            return None

    (answer,) = await_that(f"{code} to be over", look, timeout_seconds=timeout_seconds)
    return answer
