"""A bank with files and statements, reconciled with payouts; in memory, nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from services.payments.bank.adapters import BankProvider
from services.payments.bank.domain import (
    BankFile,
    BankFileNotFound,
    BankLine,
    BankStatement,
    BankStatementChanged,
    Instruction,
    is_same_line,
    is_same_statement,
)
from services.payments.bank.engine.names import written
from services.payments.bank.engine.transfers import Account
from services.payments.bank.use_cases import (
    make_file,
    read_file,
    refuse_payment,
    take_statements,
)
from services.payments.destinations.domain import Destination, Schedule
from services.payments.payouts.handlers import executors
from services.payments.payouts.use_cases import follow_payout, plan_payout
from services.payments.providers.domain import Kind, Operation, PayOut, Receiver, intend
from services.payments.providers.use_cases import Desk
from services.payments.reconciliations.domain import (
    OPEN_STATES,
    Reconciliation,
    ReconciliationNotFound,
    Standing,
)
from services.payments.reconciliations.use_cases import Book, look_for, take_line
from services.payments.releases.domain import TERMS, day_of
from tests.builders.payments import Shelf, an_id
from tests.builders.providers import CNY, Bank, Clock, FakeIntentions, FakeOperations, a_receiver
from tests.fakes.bank import ACCOUNT, HOLDER, Booked, FakeBank

OURS = Account(HOLDER, ACCOUNT, "", CNY)


class FakeTray:
    """The ``Tray`` port in dictionaries."""

    def __init__(self) -> None:
        self.instructions: dict[str, Instruction] = {}
        self.files: dict[str, BankFile] = {}
        self.contents: dict[str, bytes] = {}
        self.withdrawn: set[str] = set()

    def put(self, instruction: Instruction) -> Instruction:
        return self.instructions.setdefault(instruction.id, instruction)

    def find(self, operation_id: str) -> Instruction | None:
        return self.instructions.get(operation_id)

    def waiting(self, *, limit: int) -> list[Instruction]:
        found = [each for each in self.instructions.values() if self._waits(each.id)]
        return sorted(found, key=lambda each: each.id)[:limit]

    def send(self, file: BankFile, content: bytes, instructions: Sequence[Instruction]) -> None:
        if not all(self._waits(each.id) for each in instructions):
            raise Conflict("one of the payments is in another file")
        self.files[file.id], self.contents[file.id] = file, content
        for each in instructions:
            self.instructions[each.id] = Instruction(each.id, each.order, each.taken_at, file.id)

    def withdraw(self, instruction: Instruction) -> None:
        self.put(instruction)
        self.withdrawn.add(instruction.id)

    def _waits(self, own: str) -> bool:
        return own not in self.withdrawn and not self.instructions[own].file_id

    def of_file(self, file_id: str) -> list[Instruction]:
        found = [each for each in self.instructions.values() if each.file_id == file_id]
        return sorted(found, key=lambda each: each.id)

    def file(self, file_id: str) -> BankFile:
        if file_id not in self.files:
            raise BankFileNotFound(file_id)
        return self.files[file_id]

    def content(self, file_id: str) -> bytes:
        return self.contents[self.file(file_id).id]


class FakeDrawer:
    """The ``Drawer`` port in dictionaries."""

    def __init__(self) -> None:
        self.statements: dict[str, BankStatement] = {}
        self.lines: dict[str, BankLine] = {}

    def add(self, statement: BankStatement, lines: Sequence[BankLine]) -> BankStatement:
        known = self.statements.get(statement.id)
        if known is not None and not is_same_statement(known, statement):
            raise BankStatementChanged(statement.number)
        for line in lines:
            if line.id in self.lines and not is_same_line(self.lines[line.id], line):
                raise BankStatementChanged(line.id)
        self.lines = {line.id: line for line in lines} | self.lines
        return self.statements.setdefault(statement.id, statement)

    def note(self, line: BankLine) -> None:
        self.lines.setdefault(line.id, line)

    def about(self, operation_id: str) -> list[BankLine]:
        return self._sorted(
            line for line in self.lines.values() if line.operation_id == operation_id
        )

    def on(self, day: date) -> list[BankLine]:
        return self._sorted(line for line in self.lines.values() if line.day == day)

    def _sorted(self, lines: Iterable[BankLine]) -> list[BankLine]:
        return sorted(lines, key=lambda line: (line.day, line.id))


class FakeReconciliations(Shelf):
    """The ``Reconciliations`` port in a dictionary."""

    def __init__(self) -> None:
        super().__init__(ReconciliationNotFound)

    def known(self, ids: Sequence[str]) -> set[str]:
        return set(ids) & set(self.by_id)

    def lines_about(self, operation_ids: Sequence[str]) -> list[Reconciliation]:
        return [
            each
            for each in self.by_id.values()
            if each.operation_id in operation_ids and each.line_id
        ]


class FakeSent:
    """The ``Payouts`` port over operations in a dictionary."""

    def __init__(self, operations: FakeOperations) -> None:
        self.operations = operations
        self.swept: set[str] = set()

    def alike(
        self, provider: str, line: object, *, since: datetime, until: datetime
    ) -> list[Operation]:
        amount = -line.amount  # type: ignore[attr-defined] # a settlement line
        return [
            each
            for each in self._sent(provider)
            if each.order.amount == amount and since <= each.sent_at < until
        ]

    def unswept(self, provider: str, *, until: datetime, limit: int) -> list[str]:
        found = [
            each.id
            for each in self._sent(provider)
            if each.sent_at <= until and each.id not in self.swept
        ]
        return found[:limit]

    def sweep(self, provider: str, operation_id: str) -> None:
        self.swept.add(operation_id)

    def _sent(self, provider: str) -> list[Operation]:
        return [
            each
            for each in self.operations.by_id.values()
            if each.provider == provider
            and each.kind is Kind.PAYOUT
            and each.state in OPEN_STATES
            and each.sent_at is not None
        ]


class BankHouse:
    """Our side and the bank's, joined by files and statements only."""

    def __init__(
        self,
        *,
        opening: int = 10**9,
        clock: Clock | None = None,
        operations: FakeOperations | None = None,
        intentions: FakeIntentions | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.intentions = intentions or FakeIntentions()
        self.tray, self.drawer = FakeTray(), FakeDrawer()
        self.provider = BankProvider(OURS, self.tray, self.drawer, self.clock)
        self.operations = operations or FakeOperations(KeyError)
        self.ended: list[Operation] = []
        self.desk = Desk(self.operations, {"bank": self.provider}, {Kind.PAYOUT: self.follow})
        self.reconciliations = FakeReconciliations()
        self.payouts = FakeSent(self.operations)
        self.book = Book(self.reconciliations, self.payouts, self.desk)
        self.bank = FakeBank(opening=opening)
        self.told = 0

    @property
    def today(self) -> date:
        return self.clock().date()

    def follow(self, operation: Operation) -> None:
        """Remember how payouts ended, in this order, and intend to book it."""
        follow_payout(operation, intentions=self.intentions)
        if operation.has_ended:
            self.ended.append(operation)

    def order(self, minor: int, name: str = "Host & Co") -> PayOut:
        bare = a_receiver()
        receiver = Receiver(bare.party_id, bare.kind, bare.account, name)
        return PayOut(receiver=receiver, amount=Money(minor, CNY), remark=an_id("pay"))

    def pay(self, minor: int, name: str = "Host & Co") -> str:
        """Intend a payout and let the janitor give it to the bank."""
        own = an_id("opn")
        order = self.order(minor, name)
        start = intend(
            order, operation_id=own, provider="bank", about=order.remark, at=self.clock()
        )
        self.operations.save(Decision(start))
        self.step()
        return own

    def step(self) -> None:
        """The janitor goes round once."""
        for own in self.operations.due(self.clock(), limit=1_000):
            call = self.desk.take(own, now=self.clock())
            if call is not None:
                self.desk.note(own, self.desk.make(call), now=self.clock())

    def send(self) -> list[str]:
        """Make a file of what waits, and bring it to the bank."""
        file = make_file(account=OURS, tray=self.tray, now=self.clock())
        return self.bank.take(self.tray.content(file.id))

    def refuse(self, own: str, why: str = "AC01", *, file_id: str = "") -> Operation:
        """An operator says that the bank refused a payment."""
        return refuse_payment(
            own,
            why,
            file_id=file_id or self.tray.instructions[own].file_id,
            tray=self.tray,
            drawer=self.drawer,
            desk=self.desk,
            now=self.clock(),
        )

    def upload(self, content: bytes) -> list[BankStatement]:
        """Bring a statement of the bank."""
        return take_statements(
            read_file(content),
            provider="bank",
            account=OURS,
            drawer=self.drawer,
            announce=lambda name, days: None,
            now=self.clock(),
        )

    def reconcile(self, days: Iterable[date] = ()) -> None:
        """Read the bills of these days, or of all there are, and look for what is missing."""
        wanted = set(days) or {line.day for line in self.drawer.lines.values()}
        for day in sorted(wanted):
            for line in self.provider.list_settlement(day):
                take_line("bank", line, book=self.book, now=self.clock())
        until = self.clock() - timedelta(days=5)
        for own in self.payouts.unswept("bank", until=until, limit=1_000):
            look_for("bank", own, book=self.book, now=self.clock())

    def tell(self, *lines: Booked, day: date | None = None) -> None:
        """The bank books these; we take its statement in and reconcile."""
        self.told += 1
        number = f"statement {self.told}"
        self.upload(self.bank.statement(lines, day or self.today, number=number))
        self.reconcile()

    def breaks(self) -> list[tuple[str, str]]:
        found = [each for each in self.reconciliations.by_id.values() if each.kind is not None]
        return sorted((each.kind.value, each.standing.value) for each in found)

    def matched(self) -> list[Reconciliation]:
        found = self.reconciliations.by_id.values()
        return [each for each in found if each.standing is Standing.MATCHED]

    def state(self, own: str) -> str:
        return self.operations.by_id[own].state.value


class BankPayouts(Bank):
    """Payouts of organisations through a bank: books, operations, files and statements."""

    def __init__(self, balances: dict[str, int]) -> None:
        super().__init__(balances)
        self.files = BankHouse(
            clock=self.clock, operations=self.operations, intentions=self.intentions
        )
        self.desk = self.files.desk
        self.counter = replace(self.counter, desk=self.desk)
        self.executors = executors(self.counter, self.ledger, self.clock)

    def bank_account_of(self, organization_id: str) -> None:
        """An account that may be paid to; no two holders have one name."""
        made = Destination(
            id=an_id("dst"),
            organization_id=organization_id,
            provider="bank",
            holder=f"Holder {organization_id[-8:]}",
            account=organization_id[-12:].upper(),
            schedule=Schedule.DAILY,
            named_at=self.clock(),
        )
        saved = self.destinations.save(Decision(made))
        self.destinations.save(saved.activate(at=self.clock()))

    def plan(self) -> None:
        """Decide the payouts of today."""
        now = self.clock()
        for purse in self.counter.purses.holding(1):
            plan_payout(purse, day_of(now), TERMS[0], counter=self.counter, now=now)


def bank_name(own: str) -> str:
    """What an operation is called at the bank."""
    return written(own)
