"""Follow the books, and issue each month's invoices once it is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from services.payments.dues.domain import Due
from services.payments.escrow.domain import RETURN, clawback_id
from services.payments.invoices.domain import (
    CLAWED_BACK,
    FORGIVEN,
    LOST,
    MILESTONE,
    OWED,
    SETTLEMENT,
    Booked,
    Brands,
    Charge,
    Corrected,
    Invoice,
    Made,
    Sum,
    charges_of_clawback,
    charges_of_due,
    charges_of_milestone,
    charges_of_refund,
    charges_of_settlement,
    issue,
)
from services.payments.invoices.engine.periods import following, last_day, period_of
from services.payments.invoices.engine.rates import Rate, rate_on
from services.payments.milestones.domain import Schedule
from services.payments.settlements.domain import Refund, Settlement
from services.payments.titles.use_cases import Titles
from sharing.terms import PLATFORM


class Extract(NamedTuple):
    """Entries that may charge something, up to a segment of the log, exclusive."""

    entries: Sequence[Booked]
    segment: int


class Journal(Protocol):
    """The books as far as they are projected, and their sealed days."""

    def after(self, segment: int) -> Extract:
        """The next entries from that segment on; up to the same segment when there are none."""
        ...

    def booked_at(self, entry_id: str) -> datetime:
        """When an entry was booked."""
        ...

    def end_of(self, period: str) -> int | None:
        """The segment that a month ended before; None until its last day is sealed."""
        ...

    def first_period(self) -> str | None:
        """The month of the first sealed day, if there is one."""
        ...


class Records(Protocol):
    """What was decided of which the books hold the outcome; None for what nobody decided."""

    def settlement(self, settlement_id: str) -> Settlement | None:
        """One settlement."""
        ...

    def refund(self, refund_id: str) -> Refund | None:
        """One refund."""
        ...

    def due(self, due_id: str) -> Due | None:
        """One due."""
        ...

    def schedule(self, claim_id: str) -> Schedule | None:
        """How a claim's subsidy is released by milestones."""
        ...


class Dated(NamedTuple):
    """A charge, the month it was booked in, and the earlier month it corrects, if it does."""

    charge: Charge
    period: str
    of: str


class Progress(NamedTuple):
    """Up to which segment charges are written down, and the last month issued."""

    segment: int
    issued: str


class Charges(Protocol):
    """The charges, wherever they are kept; what is there stays as it is."""

    def progress(self) -> Progress:
        """How far everything has come."""
        ...

    def add(self, charges: Sequence[Dated], *, before: int, after: int) -> None:
        """Write them down and go on to a segment; raise ``Conflict`` if others went on."""
        ...

    def finish(self, period: str) -> None:
        """Note that all invoices of a month are issued."""
        ...

    def sums(self, period: str) -> list[Sum]:
        """A month's charges by whom, whom to, currency and corrected month, ordered."""
        ...


class Invoices(Protocol):
    """The invoices, wherever they are kept."""

    def get(self, invoice_id: str) -> Invoice:
        """Raise ``InvoiceNotFound`` rather than return None."""
        ...

    def find(self, invoice_id: str) -> Invoice | None:
        """The invoice, if it is issued."""
        ...

    def corrections(self, invoice_id: str) -> list[Invoice]:
        """All that correct it."""
        ...

    def add(self, decision: Decision[Invoice]) -> None:
        """Keep it for ever, with its fact; raise ``Conflict`` when it is there already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The rates of tax, and the region by whose rate the platform's fee is taxed."""

    rates: tuple[Rate, ...]
    region: str

    def basis_points(self, issuer_id: str, period: str) -> int:
        """The rate on the last day of a month; of others than the platform no tax is known."""
        if issuer_id != PLATFORM:
            return 0
        return rate_on(self.rates, self.region, last_day(period))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Writes charges down as the books go on, and issues a month when its days are sealed.

    All it knows is told by sealed segments and by what was decided before they were booked,
    so it comes to the same invoices and numbers wherever it was stopped, and of two at once
    the second finds everything done.
    """

    zone: ZoneInfo
    journal: Journal
    records: Records
    brands: Brands
    charges: Charges
    invoices: Invoices
    titles: Titles
    tariff: Tariff

    def run(self, now: datetime) -> bool:
        """Go a step further; False once there is nothing to do for now."""
        progress = self.charges.progress()
        try:
            return self._write_down(progress.segment) or self._issue(progress, now)
        except Conflict:
            return False  # another was first: the next turn goes on from what it did

    def _write_down(self, segment: int) -> bool:
        extract = self.journal.after(segment)
        if extract.segment == segment:
            return False
        dated = [self._dated(one) for each in extract.entries for one in self._charges(each)]
        self.charges.add(dated, before=segment, after=extract.segment)
        return True

    def _charges(self, booked: Booked) -> Iterable[Charge]:
        """What an entry charges; nothing if it only bears the code of one that does."""
        without_settlement = {
            OWED: self._of_due,
            FORGIVEN: self._of_due,
            MILESTONE: self._of_milestone,
            CLAWED_BACK: self._of_clawback,
        }
        if booked.code in without_settlement:
            return without_settlement[booked.code](booked)
        settlement = self.records.settlement(booked.about("settlement_id"))
        if settlement is None:
            return ()  # such as a refund out of takings, before anybody had a share
        if booked.code == SETTLEMENT:
            named = booked.id == settlement.entry_id
            return charges_of_settlement(booked, settlement, self.brands) if named else ()
        return self._of_refund(booked, settlement)

    def _of_due(self, booked: Booked) -> Iterable[Charge]:
        due = self.records.due(booked.about("due_id"))
        named = due is not None and booked.id in map(due.entry_id, range(len(due.steps)))
        return charges_of_due(booked, due) if due and named else ()

    def _of_refund(self, booked: Booked, settlement: Settlement) -> Iterable[Charge]:
        """What a refund or a dispute changes of what the settlement charged."""
        refund = self.records.refund(booked.about("refund_id"))
        if refund is None:
            return ()
        named = booked.id == (refund.lost_id if booked.code == LOST else refund.entry_id)
        return charges_of_refund(booked, refund, settlement) if named else ()

    def _of_milestone(self, booked: Booked) -> Iterable[Charge]:
        schedule = self.records.schedule(booked.about("claim_id"))
        milestone = schedule.find(booked.about("milestone_id")) if schedule else None
        if schedule is None or milestone is None or booked.id != schedule.entry_id(milestone):
            return ()
        return charges_of_milestone(booked, schedule, milestone, self.brands)

    def _of_clawback(self, booked: Booked) -> Iterable[Charge]:
        """What a correction, or the end of a gathering, takes back of what an entry paid."""
        by, origin = (
            booked.about("correction_id") or booked.about("milestone_id"),
            booked.reference,
        )
        if not by or not origin or booked.id != clawback_id(by, origin, RETURN):
            return ()  # such as what goes back with a claim that was cancelled
        schedule = self.records.schedule(booked.about("claim_id"))
        milestone = schedule.find(origin) if schedule else None
        if schedule and milestone:
            paid, escrow, host_id = schedule.entry_id(milestone), schedule.held, schedule.host_id
        elif settlement := self.records.settlement(origin):
            paid, escrow = settlement.entry_id, settlement.escrow
            host_id = settlement.host.organization_id
        else:
            return ()
        return charges_of_clawback(booked, escrow, host_id, self.brands, corrects=paid)

    def _dated(self, charge: Charge) -> Dated:
        period, of = period_of(charge.at, self.zone), ""
        if charge.corrects:
            of = period_of(self.journal.booked_at(charge.corrects), self.zone)
        return Dated(charge, period, "" if of == period else of)

    def _issue(self, progress: Progress, now: datetime) -> bool:
        period = following(progress.issued) if progress.issued else self.journal.first_period()
        end = self.journal.end_of(period) if period else None
        if period is None or end is None or progress.segment < end:
            return False
        numbers: dict[str, int] = {}
        for charged in self.charges.sums(period):
            number = numbers[charged.issuer_id] = numbers.get(charged.issuer_id, 0) + 1
            if self.invoices.find(charged.id(period)) is None:
                self.invoices.add(self._invoice(charged, period, number, now))
        self.charges.finish(period)
        return True

    def _invoice(self, charged: Sum, period: str, number: int, now: datetime) -> Decision[Invoice]:
        return issue(
            charged,
            period=period,
            number=number,
            basis_points=self.tariff.basis_points(charged.issuer_id, period),
            corrected=self._corrected(charged),
            issuer=self._made(charged.issuer_id),
            recipient=self._made(charged.recipient_id),
            at=now,
        )

    def _corrected(self, charged: Sum) -> Corrected | None:
        """The invoice that is corrected; None too where a party had no line before."""
        original = self.invoices.find(charged.original_id()) if charged.of else None
        if original is None:
            return None
        minor = sum(each.total.minor for each in self.invoices.corrections(original.id))
        return Corrected(original, original.total.minor + minor)

    def _made(self, organization_id: str) -> Made:
        title = self.titles.find(organization_id)
        return Made(title.title, title.tax_number)
