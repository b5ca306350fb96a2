"""The suite as tests and the demo hold it: parts can be broken, held down and mended."""

from __future__ import annotations

import requests

from chassis.crash import KILLED
from chassis.testing.patience import eventually
from teahouse.supervisor import State


class TestSuite:
    def test_is_broken_and_mended_piece_by_piece(self, own_suite):
        own_suite.wait_green()
        assert sum(row.pss_bytes for row in own_suite.processes()) < 1.5 * (1 << 30)

        own_suite.hold("identity-worker")

        assert not own_suite.is_green()
        assert row(own_suite, "identity-worker").state == State.DOWN

        # It dies at the first event it reads, and comes back without that wish.
        own_suite.release("identity-worker", once={"TEAHOUSE_CRASH_AT": "R1"})
        found_an_organization(own_suite)
        eventually(lambda: row(own_suite, "identity-worker").restarts == 1, within_seconds=30)
        assert own_suite.last_exit("identity-worker") == KILLED
        own_suite.wait_green()

        before = row(own_suite, "broker").pid
        own_suite.restart_broker_empty()

        assert row(own_suite, "broker").pid != before
        own_suite.wait_green(within_seconds=60)

    def test_lets_days_pass(self, suite):
        before = suite.advance_clock(0)

        assert suite.advance_clock(3600) == before + 3600
        assert suite.advance_clock(3600) == before + 7200


def row(suite, name):
    return next(row for row in suite.processes() if row.name == name)


def found_an_organization(suite) -> None:
    """One event for identity's relay to carry."""
    url, session = f"{suite.public_url('identity')}/v1", requests.Session()
    user = {"email": "wang@example.com", "password": "a long enough one", "name": "Wang"}
    session.post(f"{url}/users", json=user, timeout=10).raise_for_status()
    del user["name"]
    logged_in = session.post(f"{url}/sessions", json=user, timeout=10)
    logged_in.raise_for_status()
    session.headers["Authorization"] = f"Bearer {logged_in.json()['access_token']}"
    session.headers["Idempotency-Key"] = "found-an-organization"
    tea_house = {"kind": "venue", "name": "茶馆", "city": "Hangzhou"}
    session.post(f"{url}/organizations", json=tea_house, timeout=10).raise_for_status()
