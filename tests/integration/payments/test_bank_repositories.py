"""What is kept of bank files, statements and bills: the same promises, fake and real."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from chassis.mongo import atomically, collection
from chassis.turns import Turns
from services.payments.bank.adapters import BankProvider
from services.payments.bank.domain import Instruction, NothingToSend, write_file
from services.payments.bank.engine.names import written
from services.payments.bank.repositories import MongoDrawer, MongoTray
from services.payments.bank.use_cases import make_file
from services.payments.providers.repositories import MongoOperations
from services.payments.providers.use_cases import Desk
from services.payments.reconciliations.handlers import Reconciler
from services.payments.reconciliations.repositories import (
    MongoBills,
    MongoReconciliations,
    SentPayouts,
)
from services.payments.reconciliations.use_cases import Book
from services.payments.releases.domain import day_of
from tests.builders.bank import OURS, BankHouse, FakeDrawer, FakeTray, bank_name
from tests.builders.payments import NOW, an_id
from tests.fakes.bank import Booked

DAY = timedelta(days=1)


@pytest.fixture(params=["fake", "mongo"])
def shelves(request, database):
    return (FakeTray(), FakeDrawer()) if request.param == "fake" else (MongoTray(), MongoDrawer())


class TestShelves:
    def test_keep_the_first_of_two_payments_under_one_id(self, shelves):
        tray, _ = shelves
        order, own = BankHouse().order(500), an_id("opn")

        first = tray.put(Instruction(own, order, NOW))
        again = tray.put(Instruction(own, replace(order, remark="other"), NOW))

        assert first == again == tray.find(own)
        assert tray.find(an_id("opn")) is None

    def test_put_a_payment_into_one_file_only(self, shelves):
        tray, _ = shelves
        one, two = (Instruction(an_id("opn"), BankHouse().order(5), NOW) for _ in range(2))
        for each in (two, one):
            tray.put(each)
        both, single = tray.waiting(limit=9), tray.waiting(limit=1)
        file, content = write_file(OURS, both, at=NOW)
        atomically(lambda: tray.send(file, content, both))

        with pytest.raises(Conflict):
            atomically(lambda: tray.send(*write_file(OURS, [two], at=NOW), [two]))

        assert (both, single) == ([one, two], [one])
        assert (tray.file(file.id), tray.content(file.id)) == (file, content)
        assert file.digest == hashlib.sha256(content).hexdigest()
        assert tray.waiting(limit=9) == []
        assert tray.find(two.id).file_id == file.id

    def test_let_no_payment_that_was_withdrawn_into_a_file(self, shelves):
        tray, _ = shelves
        waiting, late = (Instruction(an_id("opn"), BankHouse().order(5), NOW) for _ in range(2))
        tray.put(waiting)
        file, content = write_file(OURS, tray.waiting(limit=9), at=NOW)

        for each in (waiting, late, waiting):
            tray.withdraw(each)
        tray.put(late)

        assert tray.waiting(limit=9) == []
        assert [tray.find(each.id) for each in (waiting, late)] == [waiting, late]
        with pytest.raises(Conflict):
            atomically(lambda: tray.send(file, content, [waiting]))

    def test_leave_a_payment_in_its_file_that_is_withdrawn_too_late(self, shelves):
        tray, _ = shelves
        sent = tray.put(Instruction(an_id("opn"), BankHouse().order(5), NOW))
        file, content = write_file(OURS, [sent], at=NOW)
        atomically(lambda: tray.send(file, content, [sent]))

        tray.withdraw(sent)

        assert [each.id for each in tray.of_file(file.id)] == [sent.id]

    def test_give_a_payment_s_lines_by_day_whatever_came_first(self, shelves):
        _, drawer = shelves
        house, own = BankHouse(), an_id("opn")
        house.drawer = drawer
        lines = [Booked(f"R{n}", -n, written(own), day=NOW.date() + n * DAY) for n in (3, 1, 2)]

        house.upload(house.bank.statement(lines, NOW.date()))

        assert [line.amount.minor for line in drawer.about(own)] == [-1, -2, -3]
        assert [line.amount.minor for line in drawer.on(NOW.date() + DAY)] == [-1]

    def test_put_no_payment_into_two_files_that_are_made_at_once(self, database):
        tray = MongoTray()
        for n in range(40):
            tray.put(Instruction(an_id("opn"), BankHouse().order(n + 1), NOW))

        def make(_):
            try:
                return atomically(lambda: make_file(account=OURS, tray=tray, now=NOW))
            except (NothingToSend, Conflict):
                return None

        with ThreadPoolExecutor(4) as pool:
            files = [file for file in pool.map(make, range(8)) if file is not None]

        assert [file.count for file in files] == [40]
        assert collection("bank_files").count_documents({}) == 1


class TestBills:
    def test_are_read_again_when_they_grew_while_they_were_read(self, database):
        bills, day = MongoBills(), NOW.date()
        bills.ask("bank", [day], now=NOW)
        ((_, _, seen),) = bills.due(NOW, limit=9)

        bills.ask("bank", [day], now=NOW + timedelta(seconds=1))
        bills.done("bank", day, seen=seen, again=None)

        assert [due[1] for due in bills.due(NOW + DAY, limit=9)] == [day]

    def test_of_days_that_passed_unread_are_filled_in(self, database):
        bills = MongoBills()
        bills.fill("bank", now=NOW)
        for name, day, seen in bills.due(NOW, limit=99):
            bills.done(name, day, seen=seen, again=None)

        bills.fill("bank", now=NOW + 3 * DAY)

        days = {due[1] for due in bills.due(NOW + 3 * DAY, limit=99)}
        assert days == {day_of(NOW) + n * DAY for n in (1, 2, 3)}


class TestTheReconciler:
    def test_takes_a_line_in_later_when_others_were_at_it(self, database, monkeypatch):
        house, drawer = BankHouse(), MongoDrawer()
        house.drawer, old = drawer, NOW.date() - 30 * DAY
        provider = BankProvider(OURS, MongoTray(), drawer, house.clock)
        desk = Desk(MongoOperations(), {"bank": provider}, {})
        book = Book(MongoReconciliations(), SentPayouts(), desk)
        house.upload(house.bank.statement([Booked("R1", 5), Booked("R2", 6)], old))
        MongoBills().ask("bank", [old], now=NOW)
        reconciler = Reconciler(book, MongoBills(), house.clock, Turns("reconciliation"))
        save = MongoReconciliations.save
        losses = [Conflict("another was faster")]

        def lose_once(self, decision):
            if losses:
                raise losses.pop()
            return save(self, decision)

        monkeypatch.setattr(MongoReconciliations, "save", lose_once)

        taken = [reconciler.run() for _ in range(3)]

        assert taken == [1, 1, 0]
        assert collection("reconciliations").count_documents({"standing": "open"}) == 2
        assert [due for due in MongoBills().due(NOW, limit=9) if due[1] == old] == []

    def test_takes_in_all_but_what_cannot_be_read_and_that_once_it_is_mended(self, database):
        operations = MongoOperations()
        house = BankHouse(operations=operations)
        provider = BankProvider(OURS, MongoTray(), MongoDrawer(), house.clock)
        house.tray, house.drawer, house.provider = MongoTray(), MongoDrawer(), provider
        house.desk = Desk(operations, {"bank": provider}, {})
        seconds = [0.0]
        book = Book(MongoReconciliations(), SentPayouts(), house.desk)
        turns = Turns("reconciliation", lambda: seconds[0])
        reconciler = Reconciler(book, MongoBills(), house.clock, turns)
        reconciler.run()
        bad, good, missed, unread = (house.pay(minor) for minor in (500, 600, 700, 800))
        house.send()
        rows = collection("provider_operations")
        for own in (bad, unread):
            rows.update_one({"_id": own}, {"$set": {"whim": 1}})
        for minor, own, days in ((-500, bad, 0), (-600, good, 1)):
            day = house.today + days * DAY
            told = Booked(f"R{minor}", minor, bank_name(own))
            house.upload(house.bank.statement([told], day))
            MongoBills().ask("bank", [day], now=house.clock())
        house.clock.pass_by(6 * DAY)

        reconciler.run()
        first = known_about()
        rows.update_many({}, {"$unset": {"whim": 1}})
        seconds[0] += 1.0
        reconciler.run()

        assert first == {good: "matched", missed: "open"}
        assert known_about() == first | {bad: "matched", unread: "open"}


def known_about():
    rows = collection("reconciliations").find()
    return {row["operation_id"]: row["standing"] for row in rows}
