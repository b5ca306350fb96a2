"""Payments that wait for a file, the files, and what the bank's statements say of them. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chassis.kernel.currencies import exponent_of
from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken
from chassis.kernel.ids import derived_id, named_id
from chassis.kernel.money import Money
from services.payments.bank.engine.reports import Meaning, PaymentStatus, Report
from services.payments.bank.engine.statements import Movement, Told
from services.payments.bank.engine.transfers import Account, Transfer, transfer_file
from services.payments.bank.engine.trees import LONGEST
from services.payments.providers.domain import (
    REFUSED,
    RULED,
    Capabilities,
    Kind,
    Operation,
    PayOut,
    Result,
    Retry,
    SettlementLine,
    Status,
    Timing,
    accepted,
    refused,
    succeeded,
    told_back,
    told_gone,
)
from services.payments.releases.domain import day_of, midnight

LARGEST_FILE = 1_000
_OF_THE_RECEIVER = ("AC", "BE", "RC")  # groups of ISO 20022's external status reason codes


class BankNotSetUp(Forbidden):
    """Bank files and statements are only there where an account at a bank is set up."""

    code = "bank-not-set-up"
    hint = "Set PAYMENTS_BANK_HOLDER and PAYMENTS_BANK_ACCOUNT, and start payments again."
    chinese = "本站没有设置银行账户，请配置后重启支付服务。"


class NothingToSend(RuleBroken):
    """No payment waits for a file."""

    code = "nothing-to-send"
    hint = "Wait until payouts have been decided; those in earlier files wait for the bank."
    chinese = "没有等待付款的指令；已在文件中的付款正等待银行处理。"


class BankFileNotFound(NotFound):
    """No bank file has that identifier."""

    code = "bank-file-not-found"
    hint = "Check the identifier against the list of bank files."
    chinese = "没有这个银行文件，请核对编号。"


class BankPaymentNotFound(NotFound):
    """No payment of that operation is in the file."""

    code = "bank-payment-not-found"
    hint = "Check the operation against the payouts, and the file against the list of files."
    chinese = "该文件中没有这笔操作的付款，请核对操作编号与文件编号。"


class BankPaymentEnded(Conflict):
    """How the payment ended is known already: the bank's statement says so, or somebody did."""

    code = "bank-payment-ended"
    hint = "Read the operation; money that left comes back by a line of the bank's statement."
    chinese = "该付款已有结果，不能登记拒付；已付出的款项以银行对账单的退款为准。"


class BankStatementUnreadable(RuleBroken):
    """The file is no bank statement that can be read safely."""

    code = "bank-statement-unreadable"
    hint = "Send camt.053 as the bank wrote it, without a document type, of at most 3 MiB."
    chinese = "无法安全读取该对账单；请上传银行原始的 camt.053 文件（不超过 3 MiB）。"


class BankStatementUnsound(RuleBroken):
    """Opening, movements and closing of the bank's statement do not add up."""

    code = "bank-statement-unsound"
    hint = "Ask the bank for a statement that is complete and adds up; nothing was stored."
    chinese = "对账单期初、发生额与期末不符，未保存任何内容；请向银行索取正确的对账单。"


class BankReportUnreadable(RuleBroken):
    """The file is no report of a bank about payments that can be read safely."""

    code = "bank-report-unreadable"
    hint = "Send pain.002 as the bank wrote it: no document type, at most 1,000 payments."
    chinese = "无法安全读取该付款状态报告；请上传银行原始的 pain.002 文件（不超过 1,000 笔）。"


class BankStatementForeign(RuleBroken):
    """The statement is of another account or currency than ours."""

    code = "bank-statement-of-another-account"
    hint = "Send the statement of the account that payments leave from."
    chinese = "该对账单属于其他账户或币种，请上传付款账户的对账单。"


class BankStatementChanged(Conflict):
    """A statement or line that is known already says something else now."""

    code = "bank-statement-changed"
    hint = "Compare the two statements and ask the bank; what is stored never changes."
    chinese = "该对账单与已保存的内容不一致；已保存的内容不会更改，请向银行核实。"


def terms_of(account: Account) -> Capabilities:
    """What a bank can do for us: send money out, and tell of it by its statements."""
    return Capabilities(
        kinds=frozenset({Kind.PAYOUT}),
        currencies={account.currency: exponent_of(account.currency)},
        timing={Kind.PAYOUT: Timing.ASYNCHRONOUS},
    )


@dataclass(frozen=True, slots=True)
class Instruction:
    """One payment that we were told to make; in no file yet while ``file_id`` is empty."""

    id: str
    order: PayOut
    taken_at: datetime
    file_id: str = ""

    @property
    def transfer(self) -> Transfer:
        """The payment as it stands in a file."""
        receiver = self.order.receiver
        amount, remark = self.order.amount, self.order.remark
        return Transfer(self.id, amount, receiver.name, receiver.account, remark)


@dataclass(frozen=True, slots=True)
class BankFile:
    """One file for the bank. Its bytes never change; ``digest`` is their SHA-256 in hex."""

    id: str
    made_at: datetime
    day: date
    count: int
    total: Money
    digest: str


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement on our account as the bank tells it; it never changes."""

    id: str
    statement_id: str
    day: date
    amount: Money
    operation_id: str
    reference: str
    counterparty: str
    text: str
    code: str

    @property
    def settled(self) -> SettlementLine:
        """The line as every provider's bill has it."""
        return SettlementLine(
            id=self.id,
            day=self.day,
            kind=Kind.PAYOUT if self.operation_id else None,
            operation_id=self.operation_id,
            reference=self.reference,
            amount=self.amount,
            fee=Money(0, self.amount.currency),
            text=self.text,
            counterparty=self.counterparty,
            code=self.code,
        )


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of the bank: what was there, what moved, what was there after it."""

    id: str
    number: str
    opening: Money
    closing: Money
    closed_on: date
    lines: int
    taken_at: datetime

    @property
    def ends_at(self) -> datetime:
        """The end of its last day, in the calendar of the books."""
        return midnight(date.fromordinal(self.closed_on.toordinal() + 1))


def refusal_of(order: PayOut, account: Account) -> str:
    """Why a payment cannot stand in a file; empty when it can."""
    if order.amount.minor <= 0 or order.amount.currency != account.currency:
        return "amount-invalid"
    if not order.receiver.name.strip():
        return "receiver-without-name"
    if order.receiver.account == account.number:
        return "receiver-is-ourselves"
    return ""


def standing(instruction: Instruction, lines: Sequence[BankLine]) -> Result:
    """How a payment stands by all lines about it, in whatever order they came.

    Nothing said: ACCEPTED. Left the account: SUCCEEDED, with the amount that left. The
    whole amount came back: FAILED, whether or not it was seen to leave.
    """
    amount = instruction.order.amount
    back = [line for line in lines if line.amount == amount]
    if back:
        return told_back(back[0].settled)
    left = [line for line in lines if line.amount.minor < 0]
    exact = [line for line in left if -line.amount == amount]
    for line in exact or left:
        return told_gone(line.settled)
    return accepted(instruction.file_id)


def heard(status: PaymentStatus, instruction: Instruction) -> Result | None:
    """What a bank's report says of how a payment ended; None while it is under way.

    A reason about the receiver's account, name or bank speaks against the account; any
    other, as too little money on ours, only fails this payment.
    """
    match status.meaning:
        case Meaning.REJECTED:
            is_theirs = status.reason.startswith(_OF_THE_RECEIVER)
            return refused(status.words, Retry.CHANGED if is_theirs else Retry.LATER)
        case Meaning.SETTLED:
            return succeeded(instruction.file_id, amount=status.amount)
        case _:
            return None


def contradiction(status: PaymentStatus, booked: Result, operation: Operation) -> str:
    """Why a report cannot be right beside what is booked or was said; empty when it can."""
    if status.meaning is Meaning.REJECTED and booked.status is Status.SUCCEEDED:
        return "a statement says that it left"
    if status.meaning is Meaning.SETTLED and operation.code in {REFUSED, RULED}:
        return "it was refused before"
    return ""


def odd_line(report: Report, status: PaymentStatus, account: Account, why: str) -> BankLine:
    """What a report says that fits nothing of ours, as a line that moves nothing: a break."""
    named = status.named or report.message
    known_by = (account.number, "report", report.number, named, status.status)
    return BankLine(
        id=named_id("bln", midnight(report.day), *known_by),
        statement_id="",
        day=report.day,
        amount=Money(0, account.currency),
        operation_id="",
        reference=report.number,
        counterparty="",
        text=f"{named}: {status.words}; {why}"[:LONGEST],
        code=status.reason,
    )


def must_be_open(
    instruction: Instruction, lines: Sequence[BankLine], operation: Operation
) -> None:
    """Raise ``BankPaymentEnded`` when its lines, or its operation, say how a payment ended."""
    said = standing(instruction, lines).status
    if said is not Status.ACCEPTED or operation.has_ended:
        raise BankPaymentEnded(f"{operation.id}: {operation.state}, its statements: {said}")


def write_file(
    account: Account, waiting: Sequence[Instruction], *, at: datetime
) -> tuple[BankFile, bytes]:
    """The file of these payments, at least one, and its bytes; named after the first of them."""
    file_id, day = derived_id("bfl", waiting[0].id), day_of(at)
    transfers = [each.transfer for each in waiting]
    total = Money(sum(each.amount.minor for each in transfers), account.currency)
    content = transfer_file(file_id, account, transfers, made_at=at, on=day)
    digest = hashlib.sha256(content).hexdigest()
    return BankFile(file_id, at, day, len(transfers), total, digest), content


def statement_of(told: Told, account: Account, *, at: datetime) -> BankStatement:
    """A statement as it is kept; raise ``BankStatementForeign``."""
    ours = (account.number, account.currency)
    if (told.account, told.closing.currency) != ours:
        raise BankStatementForeign(f"of {told.account[-4:]} in {told.closing.currency}")
    own = named_id("bst", midnight(told.closed_on), *ours, told.number)
    lines = len(told.movements)
    return BankStatement(own, told.number, told.opening, told.closing, told.closed_on, lines, at)


def lines_of(told: Told, statement: BankStatement, account: Account) -> list[BankLine]:
    """The lines of a statement, each with the same id whichever statement it comes in.

    A movement is known by the bank's own number, where it gives one, and else by where it
    stands in its statement. A number that comes several times in a statement is counted.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    lines = []
    for movement in told.movements:
        direction = "out" if movement.amount.minor < 0 else "in"
        known_by = (movement.reference, direction, movement.day.isoformat())
        if not movement.reference:
            known_by = (statement.id, movement.place, movement.day.isoformat())
        lines.append(_line(movement, statement, account, (*known_by, str(seen[known_by]))))
        seen[known_by] += 1
    return lines


def _line(
    movement: Movement, statement: BankStatement, account: Account, known_by: tuple[str, ...]
) -> BankLine:
    return BankLine(
        id=named_id("bln", midnight(movement.day), account.number, *known_by),
        statement_id=statement.id,
        day=movement.day,
        amount=movement.amount,
        operation_id=movement.operation_id,
        reference=movement.reference,
        counterparty=movement.counterparty,
        text=movement.text,
        code=movement.code,
    )


def is_same_line(one: BankLine, other: BankLine) -> bool:
    """Whether two lines of one id say the same, whichever statement each came in."""
    return replace(one, statement_id=other.statement_id) == other


def is_same_statement(one: BankStatement, other: BankStatement) -> bool:
    """Whether two statements of one id say the same, whenever each came."""
    return replace(one, taken_at=other.taken_at) == other
