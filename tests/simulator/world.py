"""Two processes of payments over one log and one set of documents, under a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.kernel.decisions import NotYet
from chassis.kernel.errors import DomainError
from services.payments.escrow.domain import EscrowState
from services.payments.ledger.domain import EntryRequest, Kind, Outcome
from services.payments.ledger.engine.books import Books
from services.payments.ledger.repositories.writer import Writer
from tests.builders.payments import NOW
from tests.simulator import clockwork
from tests.simulator.clockwork import Outside
from tests.simulator.documents import Documents
from tests.simulator.jobs import Desk, Job, Walk
from tests.simulator.laws import require
from tests.simulator.peers import Peer
from tests.simulator.schedule import Action, Do
from tests.simulator.season import Season
from tests.simulator.store import Backup, Connection, Crash, Fault
from tests.simulator.story import Story
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock

FAULTS = tuple(Fault)
ROUNDS = 12
JUMPS = tuple(timedelta(milliseconds=each) for each in (-3_600_000, -1, 1, 40, 3_600_000))
SPANS = tuple(timedelta(minutes=each) for each in (6, 90, 1_440, 11_520))
# Until returns are over, what comes late is there, and no bank sends anything back any more.
PEACE = tuple(timedelta(days=each) for each in (0, 8, 3, 1, 8, 1, 8, 1))


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

    @property
    def books(self) -> Books:
        """The books as it knows them; in peace, as they are."""
        writer = self._started()
        if self._world.is_peace:
            writer.catch_up()
        return writer.books

    def balance(self, path: str) -> tuple[int, int]:
        """What an account holds, and what of that is not on hold, in fen."""
        return tuple(self.books.accounts.balance(path, "CNY"))

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """The ``Ledger`` port: remember what was asked and what was answered, for the checks."""
        for request in requests:
            self._world.asked.setdefault((request.id, request.kind), []).append(request)
        outcomes = self._started().book(requests)
        self._world.answered += zip(requests, outcomes, strict=True)
        return outcomes

    def die(self) -> None:
        """Forget everything."""
        self.connection, self.running, self._writer = Connection(self._world.log), [], None

    def _started(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(MARKET, self.connection, self._world.clock)
            self._writer.catch_up()
        return self._writer


@dataclass
class World:
    """Everything that lasts, and everything that was said."""

    story: Story
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOW))
    log: MemoryLog = field(default_factory=MemoryLog)
    asked: dict[tuple[str, Kind], list[EntryRequest]] = field(default_factory=dict)
    answered: list[tuple[EntryRequest, Outcome]] = field(default_factory=list)
    peer: Peer = field(default_factory=Peer)
    backup: Backup | None = None
    is_peace: bool = False

    def __post_init__(self) -> None:
        self.documents = Documents.empty(*self.story.states)
        self.outside: Outside | None = None
        if isinstance(self.story, Season):
            self.outside = Outside(self.clock, self.story)
        self.processes = [Process(self), Process(self)]

    @property
    def done(self) -> set[str]:
        """The names of the jobs that were done."""
        return self.documents.done

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
        self.is_peace = True
        for place, span in enumerate(PEACE if self.outside else PEACE[:1]):
            if self.outside and place == self.story.restored_after:
                self._restore()
            self.clock.now += span
            self._deliver_all()
        if self._undone():
            raise NeverDone(", ".join(self._undone()))

    def deliver_all_again(self) -> None:
        """Every message that came once more, as after a lost offset; raise if it books anything.

        Where weeks go on, what it finds changed by then is put right by what is due after it.
        """
        before = len(self.log.segments)
        for name, job in self.story.jobs.items():
            if name in self.done:
                self._whole(self.processes[0], job)
        require(self.outside or len(self.log.segments) == before, "what comes again books nothing")
        self._deliver_all()

    def _deliver_all(self) -> None:
        """All that can be done now, by one of them, as often as more comes of it."""
        stood: object = None
        for _ in range(ROUNDS):
            for name, job in self.story.jobs.items():
                if name not in self.done and self._may_come(job):
                    self._whole(self.processes[0], job)
            tasks = self._tasks(self.processes[0])
            stands = (len(self.done), len(self.log.segments), [job.name for job in tasks])
            if stands == stood:
                return
            stood = stands
            for job in tasks:
                self._whole(self.processes[0], job)

    def _act(self, action: Action) -> None:
        process = self.processes[action.process]
        match action.do:
            case Do.KILL:
                process.die()
            case Do.LOSE:
                self._lose(process, action.choice)
            case Do.MOVE_CLOCK:
                self.clock.now += JUMPS[action.choice % len(JUMPS)]
            case Do.LET_PASS:
                self.clock.now += SPANS[action.choice % len(SPANS)]
            case Do.GO_ON:
                if process.running:
                    self._step(process, process.running[action.choice % len(process.running)])
            case Do.BACK_UP:
                self.backup = Backup.of(self.log, self.documents, len(self.answered))
            case Do.RESTORE:
                self._restore()
            case Do.DELIVER | Do.DELIVER_AGAIN:
                self._start(process, action)

    def _lose(self, process: Process, choice: int) -> None:
        process.connection.fault = FAULTS[choice % len(FAULTS)]
        if self.outside is not None:
            self.outside.lose(choice)

    def _restore(self) -> None:
        """Payments goes back in time, all of it, and says so by its incarnation."""
        if self.backup is None:
            return
        for process in self.processes:
            process.die()
        self.backup.restore(self.log, self.documents)
        del self.answered[self.backup.answered :]
        self.backup = None
        self.peer.expect_another_incarnation()

    def _start(self, process: Process, action: Action) -> None:
        again = action.do is Do.DELIVER_AGAIN
        jobs = [
            job
            for name, job in self.story.jobs.items()
            if (name in self.done) == again and self._may_come(job)
        ]
        if self.outside is not None:
            more = clockwork.again(self.outside) if again else self._tasks(process)
            jobs += [job for job in more if self._may_come(job)]
        if jobs:
            job = jobs[action.choice % len(jobs)]
            running = Running(job, job.walk(process.desk))
            process.running.append(running)
            self._step(process, running)

    def _tasks(self, process: Process) -> list[Job]:
        if self.outside is None:
            return []
        return list(clockwork.due(process.desk, self.outside))

    def _undone(self) -> list[str]:
        undone = [
            name
            for name, job in self.story.jobs.items()
            if name not in self.done and not self._is_moot(job)
        ]
        return undone + [f"{kind}:{about}" for kind, about in self.documents.intents.open()]

    def _is_moot(self, job: Job) -> bool:
        escrow = self.documents.books.escrows.by_id.get(job.claim_id)
        return escrow is not None and escrow.state is EscrowState.REFUSED

    def _may_come(self, job: Job) -> bool:
        others = (running.job for process in self.processes for running in process.running)
        return (
            self.clock.now >= job.not_before
            and all(name in self.done for name in job.after)
            and not any(other.about == job.about and other.name != job.name for other in others)
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
            if not running.job.recurs:
                self.done.add(running.job.name)
        except Crash:
            process.die()
            return
        except (NotYet, DomainError, OSError):
            pass
        else:
            return
        process.running.remove(running)
        if self.outside is not None:
            self.peer.hear(self.documents.shelves)
