"""Payments with one rule of weeks taken out: payouts, debts, royalties, kits, backups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import derived_id
from chassis.settings import Settings
from services.payments.debts.domain import bound
from services.payments.escrow.domain import Escrow
from services.payments.ledger.domain import EntryRequest
from services.payments.payouts import use_cases as payout_use_cases
from services.payments.providers import use_cases as provider_use_cases
from services.payments.providers.domain import Operation, Result, Status, failed
from services.payments.releases.domain import PendingShare
from services.payments.royalties import use_cases as royalty_use_cases
from services.payments.settlements.domain import Settlement
from tests.simulator import clockwork, store
from tests.simulator.documents import Documents
from tests.simulator.mutants import Mutant


def takes_no_answer_for_a_refusal(patch: pytest.MonkeyPatch) -> None:
    """A payout whose answer is lost is booked as not paid."""
    hear = Operation.hear

    def hasty(self: Operation, result: Result, **options: object) -> Decision[Operation]:
        lost = result.status is Status.UNKNOWN
        return hear(self, failed("no-answer") if lost else result, **options)

    patch.setattr(Operation, "hear", hasty)


def sends_a_payout_under_another_id_each_time(patch: pytest.MonkeyPatch) -> None:
    """The provider cannot know that it has done it before."""
    send = provider_use_cases._send

    def anew(provider: object, operation: Operation) -> Result:
        own = derived_id("opn", operation.id, str(operation.tries))
        return send(provider, replace(operation, id=own))

    patch.setattr(provider_use_cases, "_send", anew)


def leaves_a_returned_payout_as_paid(patch: pytest.MonkeyPatch) -> None:
    """What a bank sends back is not taken in."""
    plan = payout_use_cases.plan_failure

    def deaf(payout_id: str, **options: object) -> object:
        booking = plan(payout_id, **options)
        was_paid = booking.payout.state is payout_use_cases.PayoutState.PAID
        return replace(booking, entry=None) if was_paid else booking

    patch.setattr("services.payments.payouts.handlers.plan_failure", deaf)


def never_pays_a_debt(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether who owes has money by now."""
    patch.setattr(clockwork, "recover_debts", lambda debts, ledger: 0)


def pays_debts_beyond_their_end(patch: pytest.MonkeyPatch) -> None:
    """Nothing keeps two who saw the same debt from both paying it."""

    def unbound(debt: str, currency: str) -> EntryRequest:
        entry = bound(debt, currency)
        return replace(entry, limits=replace(entry.limits, ceiling=None))

    patch.setattr("services.payments.debts.use_cases.bound", unbound)
    patch.setattr("services.payments.settlements.use_cases.bound", unbound)


def releases_what_was_given_back(patch: pytest.MonkeyPatch) -> None:
    """A refund does not lessen the share that it takes from."""
    patch.setattr(PendingShare, "give_back", lambda self, minor: self)


def pays_held_royalties_to_the_accused(patch: pytest.MonkeyPatch) -> None:
    """A settlement does not ask whether somebody claims the version."""
    patch.setattr(Settlement, "held_shares", property(lambda self: {}))


def returns_a_kit_s_subsidies_to_one_fund(patch: pytest.MonkeyPatch) -> None:
    """Of several offers the first gets all back."""
    entry = Escrow.return_entry

    def to_the_first(self: Escrow) -> object:
        made, fund = entry(self), self.parts[0].fund
        legs = (
            replace(leg, account=fund) if leg.account.startswith("offer:") else leg
            for leg in made.legs
        )
        return replace(made, legs=tuple(legs))

    patch.setattr(Escrow, "return_entry", to_the_first)


def tells_under_its_old_name_after_a_restore(patch: pytest.MonkeyPatch) -> None:
    """The incarnation is not part of what events are known by."""
    patch.setattr(Settings, "source", property(lambda self: f"/{self.service}/1"))


def restores_the_books_without_the_documents(patch: pytest.MonkeyPatch) -> None:
    """A backup is not of one moment: what is taken for done is not in the log any more."""
    restore = store.Backup.restore

    def halfway(self: store.Backup, log: object, documents: Documents) -> None:
        now = self._replace(marks=documents.marks(), done=frozenset(documents.done))
        restore(now, log, documents)

    patch.setattr(store.Backup, "restore", halfway)


def holds_what_came_after_the_backup_for_known(patch: pytest.MonkeyPatch) -> None:
    """The inbox is not part of the backup: what came since is held for known."""
    restore = store.Backup.restore

    def deaf(self: store.Backup, log: object, documents: Documents) -> None:
        restore(self._replace(done=frozenset(documents.done)), log, documents)

    patch.setattr(store.Backup, "restore", deaf)


def forgets_that_those_of_a_ruling_wait(patch: pytest.MonkeyPatch) -> None:
    """What a ruling brings is nobody's share."""
    patch.setattr(royalty_use_cases, "keep_waiting", lambda *_, **__: None)


SEASON_MUTANTS: tuple[Mutant, ...] = (
    takes_no_answer_for_a_refusal,
    sends_a_payout_under_another_id_each_time,
    leaves_a_returned_payout_as_paid,
    never_pays_a_debt,
    pays_debts_beyond_their_end,
    releases_what_was_given_back,
    pays_held_royalties_to_the_accused,
    returns_a_kit_s_subsidies_to_one_fund,
    forgets_that_those_of_a_ruling_wait,
    tells_under_its_old_name_after_a_restore,
    restores_the_books_without_the_documents,
    holds_what_came_after_the_backup_for_known,
)
