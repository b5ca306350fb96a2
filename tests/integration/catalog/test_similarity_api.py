"""What a cartridge is like, over HTTP and a real database."""

from __future__ import annotations

import pytest

from cartridges.package import Package
from chassis.mongo import atomically, in_transaction
from services.catalog.similarity import domain
from services.catalog.similarity.domain import Report
from services.catalog.similarity.repositories import MongoPrints
from tests.integration.catalog.conftest import everything
from tests.unit.catalog.fakes import AUTHOR, HOST, NOW, OTHER_AUTHOR, a_manifest, an_id
from tests.unit.catalog.similarity.themes import a_print, retold, sample

PACKAGE_TYPE = "application/vnd.teahouse.cartridge"
TEA = sample("tea-tasting")


@pytest.fixture
def author(calling):
    return calling(AUTHOR)


@pytest.fixture
def copyist(calling):
    return calling(OTHER_AUTHOR)


def publish(caller, manifest) -> dict:
    answer = caller.post("/v1/cartridges", {"manifest": manifest})
    assert answer.status_code == 201, answer.json
    return answer.json


def similar(version: dict) -> str:
    return f"/v1/cartridges/{version['cartridge_id']}/versions/{version['version']}/similar"


class TestPublication:
    def test_of_a_copy_succeeds_and_warns_with_the_report(self, author, copyist):
        original = publish(author, retold(TEA.manifest, name="an-evening-of-tea"))

        copied = publish(copyist, retold(TEA.manifest))

        assert original["warnings"] == []
        (warning,) = copied["warnings"]
        (twin,) = warning["report"]["twins"]
        assert warning["code"] == "very-like-another"
        assert warning["chinese"]
        assert twin["digest"] == original["digest"]
        assert twin["likeness"]["text_taken"] == 10_000

    def test_and_claims_compare_before_anything_is_locked(self, author, copyist, monkeypatch):
        locked = []

        def watched(exact):
            def look(*sought, **options):
                locked.append(in_transaction())
                return exact(*sought, **options)

            return look

        monkeypatch.setattr(domain, "likeness", watched(domain.likeness))
        original = publish(author, retold(TEA.manifest, name="an-evening-of-tea"))
        copied = publish(copyist, retold(TEA.manifest))
        said = {"original_digest": original["digest"], "accused_digest": copied["digest"]}

        claimed = author.post("/v1/copy-claims", said | {"statement": "Every step is mine."})

        assert claimed.status_code == 201
        assert locked == [False, False]

    def test_again_tells_the_same(self, author, copyist):
        publish(author, retold(TEA.manifest, name="an-evening-of-tea"))
        first = publish(copyist, retold(TEA.manifest))

        assert publish(copyist, retold(TEA.manifest)) == first

    def test_of_an_adaptation_that_names_its_parent_warns_of_nothing(self, author, copyist):
        forks = {"allowed": True, "basis_points": 500}
        parent = publish(author, retold(TEA.manifest, name="an-evening-of-tea", forks=forks))

        fork = publish(
            copyist,
            retold(TEA.manifest, parent={"digest": parent["digest"], "basis_points": 500}),
        )

        assert fork["warnings"] == []
        assert copyist.get(similar(fork)).json["twins"] == []
        assert author.get(similar(parent)).json["twins"] == []

    def test_of_one_s_own_further_versions_warns_of_nothing(self, author):
        publish(author, retold(TEA.manifest))
        forks = {"allowed": False}

        assert (
            publish(author, retold(TEA.manifest, version="9.0.0", forks=forks))["warnings"] == []
        )


class TestReport:
    def test_shows_an_author_who_copied_her_later(self, author, copyist, calling):
        original = publish(author, retold(TEA.manifest, name="an-evening-of-tea"))
        copied = publish(copyist, retold(TEA.manifest))

        now = calling(HOST).get(similar(original)).json
        then = calling(HOST).get(similar(original), at="publication").json

        assert [twin["digest"] for twin in now["twins"]] == [copied["digest"]]
        assert then["twins"] == []

    def test_is_a_page_in_both_languages_where_a_browser_asks(self, app, author, copyist):
        publish(author, retold(TEA.manifest, name="an-evening-of-tea"))
        copied = publish(copyist, retold(TEA.manifest))
        token = copyist._token

        answer = app.test_client().get(
            similar(copied),
            headers={"Authorization": f"Bearer {token}", "Accept": "text/html,*/*;q=0.8"},
        )

        assert answer.content_type == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "an-evening-of-tea" in answer.text
        assert "相似度报告" in answer.text
        assert "/programme/0/text/zh" in answer.text

    def test_of_an_unknown_version_is_refused(self, author):
        answer = author.get(similar({"cartridge_id": an_id("crt"), "version": "1.0.0"}))

        assert (answer.status_code, answer.json["code"]) == (404, "cartridge-not-found")

    def test_of_a_package_is_made_before_publishing_and_keeps_nothing(self, author, copyist):
        original = publish(author, retold(TEA.manifest, name="an-evening-of-tea"))
        before = everything()

        answer = copyist.post(
            "/v1/cartridges/comparisons",
            data=Package(retold(TEA.manifest)).content(),
            content_type=PACKAGE_TYPE,
        )

        assert [twin["digest"] for twin in answer.json["twins"]] == [original["digest"]]
        assert answer.json["is_suspicious"]
        assert everything() == before

    def test_of_what_is_no_package_is_refused(self, author):
        answer = author.post(
            "/v1/cartridges/comparisons", data=b"no package", content_type=PACKAGE_TYPE
        )

        assert (answer.status_code, answer.json["code"]) == (422, "manifest-invalid")


class TestPrints:
    def test_are_found_by_any_passage_they_share_and_not_of_the_same_author(self, database):
        prints, others = MongoPrints(), [sample("rice-tasting"), sample("repair-cafe")]
        kept = [a_print(package, author_id=an_id("org")) for package in [TEA, *others]]
        own = a_print(Package(retold(TEA.manifest, name="mine-as-well")))
        for each in [*kept, own]:
            atomically(lambda each=each: prints.keep(each, Report(each.digest, (), NOW, ())))
        step = a_print(Package(a_manifest(programme=TEA.manifest["programme"][:1])))

        found = prints.sharing(step.marks, step, limit=5)

        assert [each.digest for each in found] == [TEA.digest]
        assert found == [kept[0]]

    def test_keep_the_first_report_for_ever(self, database):
        prints, mine = MongoPrints(), a_print(TEA)
        first, second = Report(mine.digest, (), NOW, ()), Report(mine.digest, ("x",), NOW, ())

        atomically(lambda: prints.keep(mine, first))
        atomically(lambda: prints.keep(mine, second))

        assert prints.kept(mine.digest) == first
        assert prints.kept("sha256:unknown") is None
