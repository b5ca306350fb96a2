"""A cartridge made at a desk, published on one installation, carried to another, and run there."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from cartridges.package import read_package
from teahouse.demo.journey.crew import await_that, once_not
from teahouse.demo.journey.parties import Person
from teahouse.market import Market
from teahouse.suite import Suite


def author_on(suite: Suite) -> tuple[Person, dict[str, str]]:
    """Somebody who may publish there, and what the command line needs to know of her."""
    email, password = f"author-{secrets.token_hex(6)}@example.com", secrets.token_hex(12)
    person = Person(Market(suite).wire, email=email, password=password, name="Author")
    person.register()
    person.found("author", "Tea people", "Beijing")
    return person, {"TEAHOUSE_EMAIL": email, "TEAHOUSE_PASSWORD": password}


class Desk:
    """An author's folder and her command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, env: dict[str, str] | None = None) -> dict:
        done = subprocess.run(
            [sys.executable, "-m", "teahouse", "cartridge", *words, "--json"],
            cwd=self.folder,
            env={"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(Path.cwd())}
            | (env or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def signed_package(self) -> Path:
        key = self.run("key", "me.key", "--no-password")["key"]
        self.run("new", "tea-for-all", "--sample", "tea-tasting")
        manifest = self.folder / "tea-for-all" / "cartridge.yaml"
        author = json.dumps([{"name": "Me", "key": key, "basis_points": 10_000}])
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(f"{text}\nauthors: {author}\n", encoding="utf-8")
        self.run("test", "tea-for-all")
        path = self.folder / self.run("pack", "tea-for-all")["file"]
        self.run("sign", path.name, "--key", "me.key")
        return path

    def publish(self, path: Path, suite: Suite, env: dict[str, str]) -> dict:
        return self.run("publish", path.name, "--var", str(suite.var), env=env)


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path)


def carried_from(suite: Suite, person: Person, version: dict) -> bytes:
    """The file as anybody who is logged in can have it."""
    path = f"/v1/cartridges/{version['cartridge_id']}/versions/{version['version']}/package"
    answer = requests.get(
        suite.public_url("catalog") + path,
        headers={"Authorization": f"Bearer {person.token('')}"},
        timeout=10,
    )
    assert answer.status_code == 200
    return answer.content


def opened_gathering(suite: Suite, digest: str) -> dict:
    """A gathering planned with this cartridge, once its venue has answered."""
    market = Market(suite)
    brand = market.maker(fund_fen=10_000, subsidy_fen=5_000)
    (host,) = market.callers(1)
    claim_id = market.claim(host, brand, market.lot(brand, packs=10), packs=2)
    owner = host.party.person.found("venue", "Venue", "Beijing")
    room = {
        "name": "Room",
        "city": "Beijing",
        "capacity": 20,
        "equipment": ["tables", "water", "power"],
    }
    venue_id = owner.post("catalog", "/v1/venues", room)["id"]
    begins = datetime.now(UTC) + timedelta(hours=1)
    hours = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=2)).isoformat()}
    slot_id = owner.post("catalog", f"/v1/venues/{venue_id}/slots", hours)["id"]
    market.decided(host, claim_id)
    body = {
        "title": "Tea, from far away",
        "claim_id": claim_id,
        "cartridge_digest": digest,
        "venue_id": venue_id,
        "slot_id": slot_id,
    }

    def planned() -> dict:
        return host.party.post("matching", "/v1/gatherings", body)

    made = once_not("cartridge-not-found", lambda: once_not("slot-not-found", planned))

    def opened() -> dict | None:
        found = host.party.get("matching", f"/v1/gatherings/{made['id']}")
        return found if found["status"] == "opened" else None

    return await_that("the venue to answer", opened)


def test_runs_on_a_second_installation(suite, own_suite, desk):
    packed = desk.signed_package()
    person, login = author_on(suite)
    first = desk.publish(packed, suite, login)

    carried = desk.folder / "carried.cartridge"
    carried.write_bytes(carried_from(suite, person, first))
    assert carried.read_bytes() == packed.read_bytes()
    assert desk.run("verify", carried.name)["digest"] == first["digest"]

    _, login_there = author_on(own_suite)
    second = desk.publish(carried, own_suite, login_there)
    assert second["digest"] == first["digest"]
    assert second["signed_by"] == first["signed_by"]

    gathering = opened_gathering(own_suite, second["digest"])
    assert gathering["cartridge"]["digest"] == first["digest"]


@pytest.mark.skipif(shutil.which("minisign") is None, reason="Debian's minisign is not installed")
def test_is_right_for_debians_minisign(desk):
    path = desk.signed_package()
    package = read_package(path.read_bytes())
    ((key_id, _),) = package.signatures.items()
    shutil.unpack_archive(path, desk.folder / "x", format="zip")
    (author,) = package.manifest["authors"]

    done = subprocess.run(
        [
            *("minisign", "-Vm", "x/manifest.json"),
            *("-x", f"x/signatures/{key_id}.minisig", "-P", author["key"]),
        ],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert package.digest in done.stdout
