"""The whole demo comes out right while its parts are killed under it, without anybody's help."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from rich.console import Console

from teahouse.demo.board import Board, Stage
from teahouse.demo.cli import prepared_input
from teahouse.demo.run import run
from teahouse.demo.scale import SMALL, WHOLE
from teahouse.suite import Suite

INTO_THE_STAGE_SECONDS = 1.5
CLAIMING, PLANNING, PAYING = (
    "hosts claim, twenty a second",
    "gatherings are planned",
    "everybody is paid",
)


class FireBoard(Board):
    """Lets something break a moment into the stages it is told of."""

    def __init__(self, mischief: Mapping[str, Callable[[], None]]) -> None:
        super().__init__(Console(stderr=True))
        self._mischief = mischief
        self.struck: list[str] = []

    @contextmanager
    def stage(self, what: str) -> Iterator[Stage]:
        with super().stage(what) as shown:
            striking = threading.Thread(target=self._strike, args=(what,))
            if what in self._mischief:
                striking.start()
            yield shown
            if what in self._mischief:
                striking.join()

    def _strike(self, what: str) -> None:
        threading.Event().wait(INTO_THE_STAGE_SECONDS)
        self._mischief[what]()
        self.struck.append(what)


@dataclass(frozen=True, slots=True)
class Fire:
    """Ways to break a running suite."""

    suite: Suite

    def kill_broker(self) -> None:
        """What the embedded broker held is gone; the supervisor starts it again, empty."""
        self.suite.kill("broker")

    def kill(self, service: str) -> Callable[[], None]:
        def strike() -> None:
            self.suite.kill(f"{service}-worker")
            self.suite.kill(f"{service}-api")

        return strike


MISCHIEF: dict[str, Callable[[Fire], dict[str, Callable[[], None]]]] = {
    "the broker is killed and comes back empty": lambda fire: {
        CLAIMING: fire.kill_broker,
        PLANNING: fire.kill_broker,
        PAYING: fire.kill_broker,
    },
    "every process of a service is killed": lambda fire: {
        CLAIMING: fire.kill("matching"),
        PLANNING: fire.kill("catalog"),
        PAYING: fire.kill("payments"),
    },
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", MISCHIEF, ids=str)
def test_demo_ends_right_though(what, scratch, own_suite, full):
    scale = WHOLE if full else SMALL
    folder = prepared_input(scratch, scale, day=datetime.now(UTC).date())
    report = own_suite.var / "report"
    board = FireBoard(MISCHIEF[what](Fire(own_suite)))

    with board:
        found = run(own_suite, folder, scale=scale, report=report, board=board)

    assert board.struck == [CLAIMING, PLANNING, PAYING]
    assert found.wrong == []
    assert not (own_suite.var / "logins.json").exists()
    assert found.figures["dead_letters"] == 0
