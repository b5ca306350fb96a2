"""Two processes of payments over one log and one set of documents, under a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.kernel.decisions import NotYet
from chassis.kernel.errors import DomainError
from services.payments.escrow.domain import EscrowState
from services.payments.ledger.domain import EntryRequest, Kind, Outcome
from services.payments.ledger.repositories.writer import Writer
from tests.builders.payments import NOW
from tests.simulator.documents import Documents
from tests.simulator.jobs import Desk, Job, Walk
from tests.simulator.schedule import Action, Do
from tests.simulator.store import Connection, Crash, Fault
from tests.simulator.story import Story
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock

FAULTS = tuple(Fault)
ROUNDS = 12
JUMPS = (-3_600_000, -1, 1, 40, 3_600_000)  # milliseconds


class NeverDone(AssertionError):
    """Nothing goes wrong any more, and still something is not done."""


@dataclass
class Running:
    """A job in the hands of a process."""

    job: Job
    walk: Walk


class Process:
    """One payments process: it dies and comes back with nothing but what was stored."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.connection = Connection(world.log)
        self.running: list[Running] = []
        self._writer: Writer | None = None

    @property
    def desk(self) -> Desk:
        """What its handlers work with."""
        return Desk(self._world.documents, self, self._world.clock)

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """The ``Ledger`` port: remember what was asked and what was answered, for the checks."""
        self._world.asked.update(((one.id, one.kind), one) for one in requests)
        if self._writer is None:
            self._writer = Writer(MARKET, self.connection, self._world.clock)
            self._writer.catch_up()
        outcomes = self._writer.book(requests)
        self._world.answered += zip(requests, outcomes, strict=True)
        return outcomes

    def die(self) -> None:
        """Forget everything."""
        self.connection, self.running, self._writer = Connection(self._world.log), [], None


@dataclass
class World:
    """Everything that lasts, and everything that was said."""

    story: Story
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOW))
    log: MemoryLog = field(default_factory=MemoryLog)
    done: set[str] = field(default_factory=set)
    asked: dict[tuple[str, Kind], EntryRequest] = field(default_factory=dict)
    answered: list[tuple[EntryRequest, Outcome]] = field(default_factory=list)

    def __post_init__(self) -> None:
        naming = self.story.naming
        self.documents = Documents.empty(*([naming] if naming else []))
        self.processes = [Process(self), Process(self)]

    def play(self, actions: Sequence[Action]) -> None:
        """Let the schedule happen, then let everything come to its end in peace."""
        for action in actions:
            self._act(action)
        self.settle_down()

    def settle_down(self) -> None:
        """Deliver until all is done; raise ``NeverDone`` if that does not come."""
        for process in self.processes:
            process.connection.fault = None
            self._each_to_its_end(process)
        for _ in range(ROUNDS):
            for name, job in self.story.jobs.items():
                if name not in self.done and self._may_come(job):
                    self._whole(self.processes[len(name) % 2], job)
            if not self._undone():
                return
        raise NeverDone(", ".join(self._undone()))

    def deliver_all_again(self) -> None:
        """Every message that came once more, as after a lost offset."""
        for name, job in self.story.jobs.items():
            if name in self.done:
                self._whole(self.processes[0], job)

    def _act(self, action: Action) -> None:
        process = self.processes[action.process]
        if action.do is Do.KILL:
            process.die()
        elif action.do is Do.LOSE:
            process.connection.fault = FAULTS[action.choice % len(FAULTS)]
        elif action.do is Do.MOVE_CLOCK:
            self.clock.now += timedelta(milliseconds=JUMPS[action.choice % len(JUMPS)])
        elif action.do is Do.GO_ON:
            if process.running:
                self._step(process, process.running[action.choice % len(process.running)])
        else:
            again = action.do is Do.DELIVER_AGAIN
            jobs = [
                job
                for name, job in self.story.jobs.items()
                if (name in self.done) == again and self._may_come(job)
            ]
            if jobs:
                job = jobs[action.choice % len(jobs)]
                running = Running(job, job.walk(process.desk))
                process.running.append(running)
                self._step(process, running)

    def _undone(self) -> list[str]:
        return [
            name
            for name, job in self.story.jobs.items()
            if name not in self.done and not self._is_moot(job)
        ]

    def _is_moot(self, job: Job) -> bool:
        escrow = self.documents.books.escrows.by_id.get(job.claim_id)
        return escrow is not None and escrow.state is EscrowState.REFUSED

    def _may_come(self, job: Job) -> bool:
        others = (running.job for process in self.processes for running in process.running)
        return (
            all(name in self.done for name in job.after)
            and not any(other.about == job.about and other is not job for other in others)
            and not self._is_moot(job)
        )

    def _whole(self, process: Process, job: Job) -> None:
        process.running.append(Running(job, job.walk(process.desk)))
        self._each_to_its_end(process)

    def _each_to_its_end(self, process: Process) -> None:
        while process.running:
            self._step(process, process.running[0])

    def _step(self, process: Process, running: Running) -> None:
        """Go on to the next pause; whatever fails is delivered again, as the chassis does."""
        try:
            next(running.walk)
        except StopIteration:
            self.done.add(running.job.name)
        except Crash:
            process.die()
            return
        except (NotYet, DomainError, OSError):
            pass
        else:
            return
        process.running.remove(running)
