"""Offers on a real database, told to the projection through its inbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis import mongo
from chassis.embedded.mongod import Mongod
from chassis.settings import Settings
from chassis.testing.clock import FakeClock
from chassis.web import ServiceApp
from services.matching.claims.queries import MongoTaken
from services.matching.communities.api import communities_blueprint
from services.matching.communities.queries import MongoCommunityLists
from services.matching.communities.repositories import MongoCommunities
from services.matching.exposures.adapters import ExposuresLater
from services.matching.exposures.repositories import MongoExposureNotes
from services.matching.fits.adapters import RecentLineups
from services.matching.fits.api import Matchmaker, fits_blueprint
from services.matching.fits.queries import MongoGallery, MongoSupply
from services.matching.models.adapters import PromotedModels
from services.matching.models.api import School, models_blueprint, trials_blueprint
from services.matching.models.documents import MODELS
from services.matching.models.queries import MongoExposureLog, MongoModelLists
from services.matching.models.repositories import MongoModels
from services.matching.offers.adapters import LiveRanking, RecentHosts, RecentLots
from services.matching.offers.api import Showing, offers_blueprint
from services.matching.offers.schemas import written_offer
from services.matching.offers.use_cases import HostBook, OffersTold
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from teahouse.prepare import documents_of
from tests.builders.matching import counting_ids
from tests.databases import empty_database
from tests.integration.matching.ranking.caller import Caller
from tests.integration.matching.ranking.told import Told
from tests.tokens import SigningKeys
from tests.unit.matching.offers.builders import NOW

RANKED_BY = PromotedModels(MongoModels())


@pytest.fixture(scope="module")
def kept(mongod: Mongod) -> Iterator[str]:
    """One database for a module: making its indexes takes longer than most tests."""
    aggregates = (
        *("offers", "communities", "supply", "models", "claims", "pictures"),
        "exposures",
    )
    packages = (f"services.matching.{aggregate}" for aggregate in aggregates)
    documents = documents_of("chassis", *packages)
    with empty_database(mongod, documents) as uri:
        yield uri


@pytest.fixture
def database(kept: str) -> str:
    """That database, emptied."""
    for name in mongo.database().list_collection_names():
        mongo.collection(name).delete_many({})
    return kept


@pytest.fixture
def told(database) -> Told:
    return Told()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def lots(database) -> RecentLots:
    return RecentLots()


@pytest.fixture
def hosts(database) -> RecentHosts:
    return RecentHosts(MongoCommunities(), MongoPictures())


@pytest.fixture
def ranking(database, clock, lots, hosts) -> Iterator[LiveRanking]:
    ranking = LiveRanking(clock, RANKED_BY.ranking, models=MODELS, lots=lots, hosts=hosts)
    yield ranking
    ranking.close()


@pytest.fixture
def exposures(database) -> Iterator[ExposuresLater]:
    exposures = ExposuresLater(MongoExposureNotes())
    yield exposures
    exposures.close()


@pytest.fixture
def keys() -> SigningKeys:
    return SigningKeys()


@pytest.fixture
def app(database, ranking, lots, hosts, exposures, clock, keys) -> ServiceApp:
    communities = MongoCommunities(hosts.forget)
    school = School(
        models=MongoModels(),
        lists=MongoModelLists(),
        exposures=MongoExposureLog(),
        clock=clock,
        ids=counting_ids(),
    )
    app = ServiceApp(Settings(service="matching", mongo_uri=database), keys=keys)
    app.register(
        communities_blueprint(communities, MongoCommunityLists(), clock, counting_ids()),
        offers_blueprint(
            ranking,
            RANKED_BY,
            lots,
            HostBook(hosts, MongoTaken(), OffersTold(written_offer)),
            Showing(lambda *_: 7, exposures, counting_ids(), b"a key of tests"),
            clock,
        ),
        fits_blueprint(
            Matchmaker(
                communities=communities,
                past=MongoPast(),
                ranking=ranking,
                supply=MongoSupply(),
                gallery=MongoGallery(),
                lineups=RecentLineups(),
                clock=clock,
            )
        ),
        models_blueprint(school),
        trials_blueprint(school),
    )
    return app


@pytest.fixture
def host(app, keys) -> Caller:
    return Caller(app, keys)
