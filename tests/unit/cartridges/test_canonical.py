"""One spelling for every manifest, so that a digest pins it."""

from __future__ import annotations

import json

from cartridges.canonical import canonical, digest_of, tidy
from tests.unit.catalog.fakes import a_manifest


class TestDigest:
    def test_does_not_depend_on_order_or_blanks(self):
        shuffled = dict(reversed(a_manifest().items()))
        reread = json.loads(json.dumps(shuffled, indent=4))

        assert digest_of(reread) == digest_of(a_manifest())

    def test_takes_whole_numbers_as_equal_however_written(self):
        assert digest_of(a_manifest(royalty_basis_points=200.0)) == digest_of(a_manifest())

    def test_changes_with_the_smallest_change(self):
        assert digest_of(a_manifest(royalty_basis_points=201)) != digest_of(a_manifest())

    def test_is_the_sha256_of_the_canonical_text(self):
        assert canonical({"b": 1, "a": "茶"}) == '{"a":"茶","b":1}'.encode()
        assert digest_of({}) == (
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        )

    def test_tidies_whole_numbers_wherever_they_are(self):
        assert tidy({"a": [1.0, 1.5], "b": {"c": 2.0}}) == {"a": [1, 1.5], "b": {"c": 2}}
