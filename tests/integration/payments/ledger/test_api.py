"""The books over HTTP: who may read what, and what a peer may book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from chassis.client import PeerUnavailable
from chassis.kernel.money import Money
from chassis.mongo import atomically
from chassis.settings import Settings
from chassis.web import ServiceApp
from services.payments.ledger.adapters import LeasedLedger, RemoteLedger, to_json
from services.payments.ledger.api import entries_blueprint, ledger_blueprint
from services.payments.ledger.domain import (
    EntryRequest,
    LedgerUnavailable,
    Leg,
    Status,
    chain,
    hold,
    plain,
    transfer,
)
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.lease import MongoLease
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from teahouse.ledger.verify import verify
from tests.tokens import SigningKeys, bearer
from tests.unit.payments.ledger.books import MARKET, MovableClock, SeededIds

IDS = SeededIds(3)
HOST, OTHER, PLATFORM = IDS("org"), IDS("org"), IDS("org")
PENDING = f"org:{HOST}:pending"
INTERNAL = {"SERVER_PORT": "8204"}
PATH = "/internal/ledger/entries"


class Away:
    """A leader that does not answer."""

    def submit(self, requests: list[EntryRequest]) -> list[Any]:
        raise LedgerUnavailable("away")


class Unused:
    """A ledger that nothing may be booked in."""

    def submit(self, requests: list[EntryRequest]) -> list[Any]:
        raise AssertionError(requests)


@pytest.fixture
def keys() -> SigningKeys:
    return SigningKeys()


@pytest.fixture
def sequencer(database: str) -> Iterator[Sequencer]:
    sequencer = Sequencer(lambda: Writer(MARKET, MongoLog(), MovableClock()))
    yield sequencer
    sequencer.close()


@pytest.fixture
def web(sequencer: Sequencer, keys: SigningKeys) -> FlaskClient:
    app = ServiceApp(Settings.from_env("payments", {}), keys=keys)
    app.register(
        ledger_blueprint(LedgerQueries(MARKET, MongoLog())),
        entries_blueprint(Unused(), sequencer),
    )
    return app.test_client()


@pytest.fixture
def host(keys: SigningKeys) -> dict[str, str]:
    return bearer(keys.member(HOST, "host"))


@pytest.fixture
def platform(keys: SigningKeys) -> dict[str, str]:
    return bearer(keys.member(PLATFORM, "platform", "operator"))


@pytest.fixture
def deposit(sequencer: Sequencer) -> EntryRequest:
    """A booked and projected deposit of 12.00 to the host."""
    entry = transfer(
        IDS("ent"), "external:provider", PENDING, Money(1200, "CNY"), "deposit", {"zh": "入账"}
    )
    sequencer.submit([entry])
    Projector(MARKET, MongoLog()).run()
    return entry


@dataclass
class Answer:
    """What ``requests`` would make of the answer."""

    status_code: int
    text: str
    body: Any

    def json(self) -> Any:
        return self.body


class Peer:
    """A service client whose peer is the app under test."""

    def __init__(self, web: FlaskClient, headers: dict[str, str], *, away: bool = False) -> None:
        self._web, self._headers, self._away = web, headers, away

    def send(self, method: str, path: str, *, base: str | None = None, **body: Any) -> Any:
        if self._away:
            raise PeerUnavailable("no answer")
        answer = self._web.open(
            path, method=method, headers=self._headers, environ_overrides=INTERNAL, **body
        )
        return Answer(answer.status_code, answer.text, answer.get_json())


class TestReading:
    def test_an_organisation_reads_its_own_account(self, web, host, deposit):
        answer = web.get(f"/v1/accounts/{PENDING}", headers=host)

        assert answer.status_code == 200
        assert answer.json == {
            "path": PENDING,
            "balances": [
                {
                    "currency": "CNY",
                    "posted": {"minor": 1200, "currency": "CNY"},
                    "available": {"minor": 1200, "currency": "CNY"},
                    "held": {"minor": 0, "currency": "CNY"},
                    "entries": 1,
                    "limits": {"floor": 0, "ceiling": None, "version": 0},
                }
            ],
        }

    @pytest.mark.parametrize(
        "path", [f"org:{OTHER}:pending", "external:provider", "platform:fees", "org", "org:"]
    )
    def test_but_no_other_account(self, web, host, path):
        answer = web.get(f"/v1/accounts/{path}", headers=host)

        assert (answer.status_code, answer.json["code"]) == (403, "account-hidden")

    def test_the_platform_reads_any_account(self, web, platform, deposit):
        answer = web.get("/v1/accounts/external:provider", headers=platform)

        assert answer.json["balances"][0]["posted"] == {"minor": -1200, "currency": "CNY"}

    def test_an_account_off_the_chart_is_refused(self, web, platform):
        answer = web.get("/v1/accounts/petty-cash", headers=platform)

        assert (answer.status_code, answer.json["code"]) == (422, "account-not-in-chart")

    def test_an_entry_is_explained_to_those_who_have_part_in_it(self, web, host, deposit):
        answer = web.get(f"/v1/entries/{deposit.id}/explanation", headers=host)

        assert answer.status_code == 200
        assert answer.json["reason"] == {"zh": "入账"}
        assert answer.json["legs"][1] == {
            "account": PENDING,
            "minor": 1200,
            "currency": "CNY",
            "posted": 1200,
            "balance": 1200,
        }

    def test_and_is_not_there_for_anybody_else(self, web, keys, deposit):
        stranger = bearer(keys.member(OTHER, "brand"))

        for path in (f"/v1/entries/{deposit.id}", f"/v1/entries/{deposit.id}/explanation"):
            answer = web.get(path, headers=stranger)

            assert (answer.status_code, answer.json["code"]) == (404, "entry-not-found")

    def test_tells_the_balance_of_nobody_elses_account(
        self, web, keys, host, platform, deposit, sequencer
    ):
        theirs = f"org:{OTHER}:pending"
        share = transfer(IDS("ent"), PENDING, theirs, Money(200, "CNY"), "share")
        sequencer.submit([share])
        Projector(MARKET, MongoLog()).run()
        other = bearer(keys.member(OTHER, "brand"))

        for caller, balances in (
            (host, [1000, None]),
            (other, [None, 200]),
            (platform, [1000, 200]),
        ):
            for path in (f"/v1/entries/{share.id}", f"/v1/entries/{share.id}/explanation"):
                legs = web.get(path, headers=caller).json["legs"]

                assert [leg["minor"] for leg in legs] == [-200, 200]
                assert [leg.get("balance") for leg in legs] == balances

    def test_the_trial_balance_is_the_platforms(self, web, host, platform, deposit):
        refused = web.get("/v1/trial-balance", headers=host)
        answer = web.get("/v1/trial-balance", headers=platform)

        assert refused.status_code == 403
        assert answer.json["balanced"] is True
        assert answer.json["currencies"][0]["sum"] == {"minor": 0, "currency": "CNY"}
        assert answer.json["head"] == MongoLog().read(0).hash.hex()

    def test_the_export_is_what_the_verifier_takes(self, web, platform, deposit, tmp_path: Path):
        answer = web.get("/v1/ledger/export", headers=platform)
        trial = web.get("/v1/trial-balance", headers=platform)

        export = tmp_path / "export.ndjson"
        export.write_bytes(answer.data)
        report = verify(export, head=trial.json["head"])

        assert answer.content_type.startswith("application/x-ndjson")
        assert report.ok
        assert (report.entries, report.trial_balance) == (1, {"CNY": 0})


class TestBooking:
    def test_a_peer_books_and_hears_what_became_of_each(self, web, keys):
        peer = Peer(web, bearer(keys.service("payments", "payments")))
        escrow = f"claim:{IDS('clm')}:escrow"
        fine = transfer(IDS("ent"), "external:provider", PENDING, Money(5, "CNY"), "deposit")
        poor = hold(
            IDS("ent"),
            [Leg(f"org:{OTHER}:available", -5, "CNY"), Leg(escrow, 5, "CNY")],
            "escrow",
            {"why": "subsidy"},
            reference=IDS("clm"),
            expires_at=MovableClock()() + timedelta(days=1),
        )

        outcomes = RemoteLedger(peer, final=True).submit([fine, poor, fine])

        assert [outcome.status for outcome in outcomes] == [
            Status.POSTED,
            Status.REFUSED,
            Status.POSTED,
        ]
        assert outcomes[1].code == "floor-broken"
        assert outcomes[2].segment == outcomes[0].segment == 0

    def test_the_same_entry_is_answered_byte_for_byte_the_same(self, web, keys):
        caller = bearer(keys.service("payments", "payments"))
        entry = transfer(IDS("ent"), "external:provider", PENDING, Money(5, "CNY"), "deposit")
        body = {"entries": [to_json(entry)], "final": True}

        first, again = (
            web.post(PATH, json=body, headers=caller, environ_overrides=INTERNAL) for _ in range(2)
        )

        assert first.status_code == 200
        assert first.data == again.data

    def test_a_chain_goes_whole_whatever_a_call_takes(self, web, keys):
        ledger = RemoteLedger(Peer(web, bearer(keys.service("payments", "payments"))), final=True)
        alone = [
            transfer(IDS("ent"), "external:provider", PENDING, Money(1, "CNY"), "deposit")
            for _ in range(450)
        ]
        linked = chain(*(replace(entry, id=IDS("ent")) for entry in alone[:99]))
        poor = transfer(IDS("ent"), PENDING, "external:provider", Money(9_999, "CNY"), "payout")

        outcomes = ledger.submit([*alone, *chain(*linked, poor)])

        assert [outcome.stands for outcome in outcomes] == [True] * 450 + [False] * 100
        assert {outcome.code for outcome in outcomes[450:-1]} == {"chain-refused"}
        assert outcomes[-1].code == "floor-broken"

    def test_a_taken_id_comes_back_with_the_difference(self, web, keys):
        ledger = RemoteLedger(Peer(web, bearer(keys.service("payments", "payments"))), final=True)
        first = transfer(IDS("ent"), "external:provider", PENDING, Money(5, "CNY"), "deposit")
        other = transfer(first.id, "external:provider", PENDING, Money(6, "CNY"), "deposit")

        _, (outcome,) = ledger.submit([first]), ledger.submit([other])

        assert outcome.code == "id-conflict"
        assert outcome.difference["legs"]["stored"][1]["minor"] == 5
        assert outcome.difference["legs"]["asked"][1]["minor"] == 6

    def test_many_entries_go_in_several_calls(self, web, keys):
        ledger = RemoteLedger(Peer(web, bearer(keys.service("payments", "payments"))), final=True)
        entries = [
            transfer(IDS("ent"), "external:provider", PENDING, Money(1, "CNY"), "deposit")
            for _ in range(1_100)
        ]

        outcomes = ledger.submit(entries)

        assert [outcome.id for outcome in outcomes] == [entry.id for entry in entries]
        assert all(outcome.stands for outcome in outcomes)

    def test_nobody_else_may_book(self, web, platform):
        refused = web.post(
            PATH, json={"entries": []}, headers=platform, environ_overrides=INTERNAL
        )
        outside = web.post(PATH, json={"entries": []}, headers=platform)

        assert (refused.status_code, outside.status_code) == (403, 404)

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"kind": "gift"}, 400),
            ({"id": "lot_1"}, 400),
            ({"surprise": 1}, 400),
            ({"legs": [{"account": PENDING, "minor": 1.5, "currency": "CNY"}]}, 400),
            ({"legs": [{"account": "petty-cash", "minor": 1, "currency": "CNY"}]}, 422),
            ({"code": "Not Kebab"}, 422),
        ],
    )
    def test_an_unreadable_entry_is_refused_whole(self, web, keys, change, status):
        fine = transfer(IDS("ent"), "external:provider", PENDING, Money(5, "CNY"), "deposit")
        body = {"entries": [to_json(fine), to_json(fine) | change], "final": True}

        answer = web.post(
            PATH,
            json=body,
            headers=bearer(keys.service("payments", "payments")),
            environ_overrides=INTERNAL,
        )

        assert answer.status_code == status
        assert not MongoLog().has(0)

    def test_a_peer_that_is_away_leaves_the_outcome_unknown(self, web):
        with pytest.raises(LedgerUnavailable):
            RemoteLedger(Peer(web, {}, away=True)).submit([_deposit()])

    def test_a_peer_that_refuses_us_leaves_it_unknown(self, web):
        with pytest.raises(LedgerUnavailable, match="401"):
            RemoteLedger(Peer(web, {})).submit([_deposit()])

    def test_never_inside_a_transaction(self, web, keys, sequencer):
        remote = RemoteLedger(Peer(web, bearer(keys.service("payments", "payments"))))
        for ledger in (sequencer, remote):
            with pytest.raises(RuntimeError, match="outside transactions"):
                atomically(lambda ledger=ledger: ledger.submit([_deposit()]))

        assert not MongoLog().has(0)


class TestLeasedLedger:
    def test_books_here_while_it_leads(self, sequencer):
        lease = MongoLease(MARKET, holder="here", url="http://here")

        (outcome,) = LeasedLedger(sequencer, lease, lambda _: Unused()).submit([_deposit()])

        assert outcome.status is Status.POSTED

    def test_books_at_the_leader_otherwise(self, sequencer):
        MongoLease(MARKET, holder="there", url="http://there").leader()
        lease = MongoLease(MARKET, holder="here", url="http://here")
        asked: list[str] = []

        def at(url: str) -> Sequencer:
            asked.append(url)
            return sequencer

        ledger = LeasedLedger(Unused(), lease, at)
        outcomes = ledger.submit([_deposit()]) + ledger.submit([_deposit()])

        assert [outcome.status for outcome in outcomes] == [Status.POSTED] * 2
        assert asked == ["http://there"]

    def test_books_here_when_the_leader_does_not_answer(self, sequencer):
        MongoLease(MARKET, holder="there", url="http://there").leader()
        lease = MongoLease(MARKET, holder="here", url="http://here")

        (outcome,) = LeasedLedger(sequencer, lease, lambda _: Away()).submit([_deposit()])

        assert outcome.status is Status.POSTED


def _deposit() -> EntryRequest:
    legs = [Leg("external:provider", -5, "CNY"), Leg(PENDING, 5, "CNY")]
    return plain(IDS("ent"), legs, "deposit")
