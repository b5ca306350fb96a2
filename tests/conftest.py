"""Fixtures every test may ask for: a real mongod, a real broker, an empty database."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import pytest_socket
from hypothesis import HealthCheck, settings
from mongoengine import Document
from xdist.scheduler import LoadScopeScheduling

from chassis import mongo
from chassis.embedded.broker import Broker, Tansu
from chassis.embedded.kafka import ApacheKafka, fetch_jars
from chassis.embedded.mongod import Mongod, MongodOptions
from chassis.embedded.ports import free_port, is_free
from chassis.embedded.trouble import CannotStart
from teahouse.ports import Ports
from teahouse.prepare import documents_of
from teahouse.programs import KAFKA_JARS, KAFKA_POM
from teahouse.suite import Suite
from tests.databases import empty_database

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SERVICES = ROOT / "services"
WITHOUT_NETWORK = (TESTS / "unit", TESTS / "property")
WHOLE_SUITES = (
    "tests/e2e/",
    "tests/security/",
    "tests/fault/test_api.py",
    "tests/fault/test_demo_under_fire.py",
    "tests/fault/test_import_killed.py",
)
SLOW = ("tests/fault/", "tests/property/", "tests/integration/")
SCRATCH = "teahouse-test-"
# Every mongod begins with 340 MB: three testers have one each, and suites and tests their own.
ENOUGH_SHARED_MEMORY_BYTES = 8 << 30

settings.register_profile(
    "fast", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("full", parent=settings.get_profile("fast"), max_examples=2_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run at full length, for make nightly")
    parser.addoption(
        "--broker",
        choices=("tansu", "kafka"),
        default="tansu",
        help="the broker to test with (default: tansu); kafka needs Java and Maven",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.getoption("--full") else "fast")
    if config.getoption("--broker") == "kafka":
        try:
            fetch_jars(KAFKA_POM, KAFKA_JARS)
        except CannotStart as trouble:
            raise pytest.UsageError(f"{trouble.message}: {trouble.fix}") from trouble


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # What takes longest begins first, or others would be done long before it.
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))
    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE_SUITES))
    if config.getoption("--full"):
        return
    long = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


class TestersShareNoSuite(LoadScopeScheduling):
    """Gives a file's tests to one tester, and all tests with a whole suite to one.

    A suite keeps every processor busy when it starts; two at once would wait for each other.
    (xdist 3.8 has ``--dist loadgroup`` for this, which does nothing on pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path: str = nodeid.partition("::")[0]
        return "suites" if path.startswith(WHOLE_SUITES) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> TestersShareNoSuite:
    return TestersShareNoSuite(config, log)


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unit tests and laws must not reach for the network."""
    if not any(folder in request.path.parents for folder in WITHOUT_NETWORK):
        yield
        return
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether to run at full length, for tests that scale rather than skip."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for the session's data, in memory where there is enough of it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ENOUGH_SHARED_MEMORY_BYTES
    place = memory if roomy else Path(tempfile.gettempdir())
    for old in place.glob(f"{SCRATCH}*"):
        # A run that was killed could not tidy up; what lies in memory is worth tidying.
        owner = old.name.split("-")[2]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=place))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mongod(scratch: Path) -> Iterator[Mongod]:
    """One mongod for all tests, with fail points allowed; started when first asked for."""
    server = Mongod(
        scratch / "mongod",
        port=free_port(),
        log=scratch / "mongod.log",
        # Thousands of databases come and go; kept as long as usual, their files are too many.
        # The tests' clocks stand in the past: what is kept half a year would be gone.
        options=MongodOptions(
            history_seconds=5, checkpoint_seconds=5, test_commands=True, expires=False
        ),
    )
    server.start()
    yield server
    server.kill()  # the data is thrown away: nothing to flush


@pytest.fixture
def own_mongod(scratch: Path) -> Iterator[Mongod]:
    """A started mongod that the test may kill; this process lets go of it at the end."""
    folder = scratch / f"own-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    server = Mongod(
        folder / "mongod",
        port=free_port(),
        log=folder / "mongod.log",
        options=MongodOptions(test_commands=True),
    )
    try:
        server.start()
        yield server
    finally:
        mongo.disconnect()
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Broker]:
    """One broker for all tests; those that kill it start one of their own."""
    server = new_broker(request.config.getoption("--broker"), scratch)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_broker(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Broker]:
    """A started broker that the test may kill, wipe or pause."""
    folder = scratch / uuid.uuid4().hex[:8]
    server = new_broker(request.config.getoption("--broker"), folder)
    server.start()
    yield server
    server.process.resume()
    server.kill()


def new_broker(kind: str, folder: Path) -> Broker:
    """A broker of the kind the command line chose, not yet started."""
    if kind == "kafka":
        return ApacheKafka(
            folder / "kafka", jars=KAFKA_JARS, port=free_port(), log=folder / "broker.log"
        )
    return Tansu(port=free_port(), log=folder / "broker.log")


@pytest.fixture
def documents(request: pytest.FixtureRequest) -> Sequence[type[Document]]:
    """Whose collections ``database`` makes: the chassis' and the service's named by the folder.

    ``tests/integration/catalog/...`` gets catalog's. Override it where that is wrong.
    """
    packages = {"chassis"} | {
        f"services.{part}"
        for part in request.path.relative_to(TESTS).parts
        if (SERVICES / part).is_dir()
    }
    return documents_of(*sorted(packages))


@pytest.fixture
def database(mongod: Mongod, documents: Sequence[type[Document]]) -> Iterator[str]:
    """The URI of an empty database that this process is connected to, indexes made."""
    with empty_database(mongod, documents) as uri:
        yield uri


@pytest.fixture
def topic_prefix() -> str:
    """What this test's topics start with (``topic_prefix`` of the settings), its own."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Suite]:
    """Everything running, for tests that only talk to it; clocks may have been moved."""
    with new_suite(request.config, scratch / "suite") as suite:
        yield suite


@pytest.fixture
def own_suite(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Suite]:
    """Everything running, for a test that kills, wipes and pauses."""
    folder = scratch / f"suite-{uuid.uuid4().hex[:8]}"
    with new_suite(request.config, folder) as suite:
        yield suite
    shutil.rmtree(folder, ignore_errors=True)


def new_suite(config: pytest.Config, var: Path, *, services: Sequence[str] | None = None) -> Suite:
    """A suite on free ports with the broker that the command line chose, not yet started."""
    return Suite(
        var,
        port_base=free_base(),
        # No test claims what another holds, and waits for claims that began before would be long.
        environment={"TEAHOUSE_SANDBOX": "1", "MATCHING_CLEARING_SETTLE_SECONDS": "0.1"},
        broker_kind=config.getoption("--broker"),
        services=services,
        mongod=MongodOptions(test_commands=True),
    )


def free_base() -> int:
    """Where a suite finds all its ports free."""
    # Not of the seeded generator: tests in other processes would choose the same.
    bases = (20_000 + 400 * secrets.randbelow(25) for _ in range(100))
    return next(base for base in bases if all(map(is_free, Ports(base).all().values())))
