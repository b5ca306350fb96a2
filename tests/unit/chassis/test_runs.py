"""A run of commands on a few aggregates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import id_maker
from chassis.kernel.runs import Run, answer_id
from tests.backbone import lot, published


@dataclass(frozen=True)
class Box:
    packs: int
    changed: bool = False


def filled(box, packs, number):
    after = replace(box, packs=box.packs + packs, changed=True)
    return Decision(after, (published(lot(), number),))


class TestRun:
    def test_lets_later_commands_see_what_earlier_ones_decided(self):
        run = Run({"a": Box(1), "b": Box(5)})

        run.take("a", filled(run.states["a"], 2, 1))
        run.take("a", filled(run.states["a"], 3, 2))

        assert run.decisions() == [
            Decision(Box(6, changed=True), (published(lot(), 1), published(lot(), 2)))
        ]

    def test_saves_nothing_of_what_did_not_change(self):
        run = Run({"a": Box(1)})

        run.take("a", Decision(run.states["a"]))

        assert run.decisions() == []

    def test_leaves_what_was_found_as_it_is(self):
        found = {"a": Box(1)}
        run = Run(found)

        run.take("a", filled(run.states["a"], 2, 1))

        assert found == {"a": Box(1)}


class TestAnswerId:
    def test_is_the_same_for_the_same_command_and_no_other(self):
        ids = id_maker(lambda: datetime(2026, 3, 1, tzinfo=UTC))
        one, other = ids("msg"), ids("msg")

        assert answer_id(one) == answer_id(one)
        assert len({answer_id(one), answer_id(other), one, other}) == 4
