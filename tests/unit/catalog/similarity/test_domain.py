"""A copy is told of; an adaptation that names its source is not."""

from __future__ import annotations

from cartridges.package import Package
from services.catalog.similarity.domain import MOST_LISTED, report
from tests.unit.catalog.fakes import NOW, OTHER_AUTHOR, an_id
from tests.unit.catalog.similarity.themes import a_print, retold, sample

TEA = sample("tea-tasting")
RICE = sample("rice-tasting")
COPY = Package(retold(TEA.manifest))


class TestReport:
    def test_tells_a_copy_under_another_name(self):
        original = a_print(TEA)

        found = report(a_print(COPY, author_id=OTHER_AUTHOR), (), [original], at=NOW)

        assert found.is_suspicious
        (twin,) = found.twins
        assert twin.digest == original.digest
        assert twin.likeness.text_taken == 10_000
        assert twin.likeness.structure_alike == 10_000
        assert {each.path == each.other_path for each in twin.likeness.passages} == {True}

    def test_tells_a_theme_of_which_a_third_is_another_s(self):
        steps = [*RICE.manifest["programme"][:4], *TEA.manifest["programme"]]
        mixed = Package(retold(RICE.manifest, programme=steps))

        found = report(a_print(mixed, author_id=OTHER_AUTHOR), (), [a_print(TEA)], at=NOW)

        assert found.is_suspicious
        assert ("/programme/4/text/zh", "/programme/0/text/zh", 10_000) in found.twins[
            0
        ].likeness.passages

    def test_does_not_list_what_others_wrote(self):
        found = report(a_print(RICE, author_id=OTHER_AUTHOR), (), [a_print(TEA)], at=NOW)

        assert found.twins == ()
        assert not found.is_suspicious

    def test_leaves_out_what_was_taken_from_the_declared_lineage(self):
        parent, sibling = a_print(TEA), a_print(COPY, author_id=an_id("org"))
        fork = a_print(
            Package(retold(TEA.manifest, name="an-adaptation")),
            author_id=OTHER_AUTHOR,
            ancestors=(parent.digest,),
        )

        found = report(fork, [parent], [sibling], at=NOW)

        assert found.twins == ()
        assert found.ancestors == (parent.digest,)

    def test_names_each_cartridge_once_by_its_version_most_like(self):
        cartridge_id = an_id("crt")
        whole = a_print(TEA, cartridge_id=cartridge_id, days=1)
        half = retold(TEA.manifest, programme=TEA.manifest["programme"][:2], checklist=[])
        less = a_print(Package(half), cartridge_id=cartridge_id)

        found = report(a_print(COPY, author_id=OTHER_AUTHOR), (), [less, whole], at=NOW)

        assert [twin.digest for twin in found.twins] == [whole.digest]

    def test_lists_those_most_alike_and_of_equals_the_first_published(self):
        others = [a_print(TEA, days=days) for days in range(MOST_LISTED + 1, 0, -1)]

        found = report(a_print(COPY, author_id=OTHER_AUTHOR), (), others, at=NOW)

        dates = [twin.published_at for twin in found.twins]
        assert len(dates) == MOST_LISTED
        assert dates == sorted(dates)
