"""Catalog on a real database: its ports, and callers over HTTP."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from chassis import mongo
from chassis.mongo import atomically, collection
from services.catalog.app import create_app, create_worker
from services.catalog.lots.repositories import MongoLots
from services.catalog.offers.repositories import MongoOffers
from services.catalog.settings import CatalogSettings
from services.catalog.slots.handlers import handlers as slot_handlers
from services.catalog.slots.repositories import MongoCalendars
from services.catalog.stock.repositories import MongoStock
from services.catalog.venues.repositories import MongoVenues
from teahouse.prepare import documents_of
from tests.databases import empty_database
from tests.integration.catalog.bodies import a_venue_body
from tests.integration.catalog.slot_race import BOOK, Rush, a_booking
from tests.tokens import SigningKeys, bearer
from tests.unit.catalog.fakes import (
    AUTHOR,
    BRAND,
    HOST,
    NOW,
    OTHER_AUTHOR,
    OTHER_BRAND,
    OTHER_HOST,
    OTHER_VENUE_OWNER,
    VENUE_OWNER,
    an_id,
)

PLATFORM = an_id("org")

TRIES = 5
"""How often a caller asks again when told that there was no time."""

KINDS = {
    BRAND: "brand",
    OTHER_BRAND: "brand",
    HOST: "host",
    OTHER_HOST: "host",
    VENUE_OWNER: "venue",
    OTHER_VENUE_OWNER: "venue",
    AUTHOR: "author",
    OTHER_AUTHOR: "author",
    PLATFORM: "platform",
}


@pytest.fixture(scope="module")
def catalog_database(mongod) -> Iterator[str]:
    """One database for a module: making its collections takes most of a test's time."""
    with empty_database(mongod, documents_of("chassis", "services.catalog")) as uri:
        yield uri


@pytest.fixture
def database(catalog_database) -> str:
    """The same, empty again but for the keys, which a module's app remembers."""
    for name in set(mongo.database().list_collection_names()) - {"signer_keys"}:
        collection(name).delete_many({})
    return catalog_database


@pytest.fixture(scope="module")
def settings(catalog_database) -> CatalogSettings:
    return CatalogSettings(service="catalog", mongo_uri=catalog_database)


class Caller:
    """Speaks to catalog as one organisation's member does."""

    def __init__(self, app, keys: SigningKeys, organization_id: str, role: str = "owner") -> None:
        self._app = app
        self._token = keys.member(organization_id, KINDS[organization_id], role)

    def get(self, path, **query):
        return self._app.test_client().get(path, query_string=query, headers=bearer(self._token))

    def post(self, path, body=None, *, key=None, **options):
        headers = bearer(self._token, key or uuid.uuid4().hex)
        given = options if body is None else {"json": body, **options}
        return self._app.test_client().post(path, headers=headers, **given)

    def put(self, path, body, **headers):
        given = bearer(self._token) | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self._app.test_client().put(path, headers=given, json=body)

    def delete(self, path):
        return self._app.test_client().delete(path, headers=bearer(self._token))

    def send_file(self, body, *, content_type="text/csv", **options):
        data = body.encode() if isinstance(body, str) else body
        return self.post("/v1/imports", data=data, content_type=content_type, **options)


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    return SigningKeys()


@pytest.fixture(scope="module")
def catalog_app(settings, keys):
    """One app for a module: describing all its routes takes longer than a request."""
    return create_app(settings, keys=keys)


@pytest.fixture
def app(catalog_app, database):
    """The same, over an empty database."""
    return catalog_app


@pytest.fixture
def calling(app, keys):
    """Make a caller: ``calling(BRAND)``, ``calling(BRAND, "staff")``."""
    return lambda organization_id, role="owner": Caller(app, keys, organization_id, role)


@pytest.fixture
def brand(calling):
    return calling(BRAND)


@pytest.fixture
def owner(calling):
    return calling(VENUE_OWNER)


@pytest.fixture
def host(calling):
    return calling(HOST)


@pytest.fixture
def tasks(settings):
    """The worker's tasks by name."""
    return {task.name: task.function for task in create_worker(settings).tasks}


@pytest.fixture
def publish_imports(tasks):
    """Run the worker's task once."""
    return tasks["publish-imports"]


@pytest.fixture
def checked(brand, tasks):
    """Send a file and have it checked; answer the import."""

    def run(body, **options) -> dict:
        taken = brand.send_file(body, **options)
        assert taken.status_code == 201, taken.json
        assert (taken.json["state"], taken.json["lines"]) == ("checking", 0)
        tasks["check-imports"]()
        return brand.get(f"/v1/imports/{taken.json['id']}").json

    return run


@pytest.fixture
def imported(brand, checked, publish_imports):
    """Send a file, confirm it and have it published; answer the import."""

    def run(body, **options) -> dict:
        batch = checked(body, **options)
        assert brand.post(f"/v1/imports/{batch['id']}/confirmations").status_code == 201
        publish_imports()
        return brand.get(f"/v1/imports/{batch['id']}").json

    return run


@pytest.fixture
def lending(owner):
    """Open a venue and answer its path."""

    def open_venue(**changes) -> str:
        answer = owner.post("/v1/venues", a_venue_body(**changes))
        assert answer.status_code == 201, answer.json
        return f"/v1/venues/{answer.json['id']}"

    return open_venue


@pytest.fixture
def booking(calendars, database):
    """Book a slot as matching does for HOST."""

    def book(path: str, slot_id: str) -> str:
        gathering_id = an_id("gth")
        rush = Rush(database, path.removeprefix("/v1/venues/"), slot_id, ())
        event = a_booking(rush, gathering_id)
        handle = slot_handlers(calendars, lambda: NOW)[BOOK]
        atomically(lambda: handle([event]))
        return gathering_id

    return book


@pytest.fixture
def lots(database) -> MongoLots:
    return MongoLots()


@pytest.fixture
def offers(database) -> MongoOffers:
    return MongoOffers()


@pytest.fixture
def stock(lots) -> MongoStock:
    return MongoStock(lots)


@pytest.fixture
def venues(database) -> MongoVenues:
    return MongoVenues()


@pytest.fixture
def calendars(venues) -> MongoCalendars:
    return MongoCalendars(venues)


def outbox_types(subject=None) -> list[str]:
    """The types published so far, in order, of one subject or of all."""
    where = {} if subject is None else {"subject": subject}
    return [row["type"] for row in collection("outbox").find(where).sort("place", 1)]


def everything() -> dict[str, list]:
    """All stored rows but answered requests, to show that nothing changed."""
    names = collection("x").database.list_collection_names()
    kept = sorted(set(names) - {"answered_requests"})
    return {name: list(collection(name).find().sort("_id", 1)) for name in kept}


def post_until_decided(caller: Caller, path: str, body):
    """Send a body under one key, again for as long as a crowded database has no time for it.

    A hundred threads of one process at one row may wait longer than a request may last; the
    answer then says to try again, as any client does. Gives the last answer after TRIES.
    """
    key = uuid.uuid4().hex
    for _ in range(TRIES):
        answer = caller.post(path, body, key=key)
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            break
    return answer


def in_parallel(work, count: int) -> list:
    """Call ``work(number)`` in as many threads at once; give the answers in order."""
    answers: list = [None] * count
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        answers[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
