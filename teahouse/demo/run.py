"""The demo from a running suite to its findings: play, wait, read, check."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from teahouse.demo.board import Board
from teahouse.demo.journey import leaving, naming, payday
from teahouse.demo.journey.parties import Party, Person
from teahouse.demo.journey.play import Played, play
from teahouse.demo.journey.wire import Wire
from teahouse.demo.machine import SuiteMachine
from teahouse.demo.proof import PROVIDER, Operator
from teahouse.demo.readings import APPLIED, DEAD_LETTERS, DUPLICATES, PUBLISHED, Reading
from teahouse.demo.report.findings import Check, Findings, percentile
from teahouse.demo.review import Evidence, accounts_of, is_scarce, review
from teahouse.demo.scale import Scale
from teahouse.demo.trouble import DemoTrouble
from teahouse.ledger.verify import verify
from teahouse.logins import keep_logins
from teahouse.suite import Suite

EXPORT = "ledger.ndjson"


def run(
    suite: Suite, folder: Path, *, scale: Scale, report: Path, board: Board, keep: bool = False
) -> Findings:
    """Play the job on a running suite and find out what came of it.

    ``folder`` holds the prepared input; the ledger is left in ``report``. With ``keep``, what
    one can go on with by hand is left too, and in ``var`` whom to act as, after all figures
    were taken. Raises ``DemoTrouble`` when the job could not be finished or a figure not be got.
    """
    started = time.monotonic()
    machine = SuiteMachine(suite)
    prepared = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    wire = Wire(machine.bases)
    operator = _operator(wire, suite.operator)
    books = Operator(operator)
    before = books.balance(PROVIDER)
    played = play(
        wire,
        operator,
        machine,
        scale=scale,
        prepared=prepared,
        folder=folder,
        stages=board.stage,
    )
    with board.stage("the books are read"):
        reading = machine.await_quiet()
        found = _evidence(played, books, before, report)
    findings = review(played, found)
    with board.stage("money leaves for the banks") as stage:
        findings.checks += payday.pay_everybody(played, machine, stage)
        findings.checks.append(
            Check("trial balance after the payouts, fen", 0, books.trial_balance_minor())
        )
    findings.checks.append(Check("dead letters", 0, reading.total(DEAD_LETTERS)))
    findings.figures |= _measured(findings, reading)
    findings.figures |= {
        "start_seconds": round(suite.start_seconds, 1),
        "job_seconds": round(time.monotonic() - started, 1),
        "peak_rss_mib": round(machine.memory_mib(), 1),
        "claim_own_cpu_percent": machine.load.own_percent,
        "claim_others_cpu_percent": machine.load.others_percent,
        "http_repeats": wire.repeats,
        "restarts": machine.restarts,
        "stage_seconds": board.seconds,
    }
    findings.books = _books(found, reading)
    if keep:
        with board.stage("something is left to go on with") as stage:
            keep_logins(suite.var, leaving.leave(played.town, machine.now(), stage))
    return findings


def _operator(wire: Wire, credentials: tuple[str, str]) -> Party:
    email, password = credentials
    person = Person(wire, email=email, password=password, name="Platform operator")
    return Party(person, "", kind="platform", name="Platform")


def _evidence(played: Played, books: Operator, before: int, report: Path) -> Evidence:
    """Read everything that the review compares."""
    report.mkdir(parents=True, exist_ok=True)
    export = report / EXPORT
    export.write_text(books.export(), encoding="utf-8")
    chain = verify(export)
    problems = list(chain.problems)
    if not chain.ok and not problems:
        problems = ["the export breaks off before its end"]
    settlements = [plan.settlement["id"] for plan in played.plans if plan.settlement]
    if played.tea_rights is None:
        raise DemoTrouble("no naming rights were sold")
    return Evidence(
        claims=books.claims_of({host.id for host in played.town.hosts}),
        explanations=books.explanations(settlements),
        balances=books.balances(accounts_of(played)),
        provider_before=before,
        provider_after=books.balance(PROVIDER),
        scarce_lots=[books.lot(lot_id) for lot_id in _scarce_lots(played)],
        tea_rights=naming.read(played.tea_rights),
        trial_balance_minor=books.trial_balance_minor(),
        chain_problems=problems,
        segments=chain.segments,
        entries=chain.entries,
        head=chain.head,
    )


def _scarce_lots(played: Played) -> list[str]:
    return [
        contest.claimed[0].wish.lot_id for contest in played.contests if is_scarce(contest.claimed)
    ]


def _measured(findings: Findings, reading: Reading) -> Mapping[str, Any]:
    return {
        "events_published": reading.total(PUBLISHED),
        "events_applied": reading.total(APPLIED),
        "duplicates_dropped": reading.total(DUPLICATES),
        "dead_letters": reading.total(DEAD_LETTERS),
        "claim_p50_ms": round(percentile(findings.latencies_ms, 50), 1),
        "claim_p99_ms": round(percentile(findings.latencies_ms, 99), 1),
        "claims_measured": len(findings.latencies_ms),
    }


def _books(found: Evidence, reading: Reading) -> Sequence[tuple[str, str, bool]]:
    """The proof, line by line."""
    balance = found.trial_balance_minor
    return [
        ("Trial balance 试算平衡", f"{balance} fen", balance == 0),
        (
            "Hash chain, read again by a program of its own 哈希链独立复核",
            f"{found.segments} segments, {found.entries} entries, head {found.head[:16]}…",
            not found.chain_problems,
        ),
        (
            "Dead letters 死信",
            str(reading.total(DEAD_LETTERS)),
            reading.total(DEAD_LETTERS) == 0,
        ),
    ]
