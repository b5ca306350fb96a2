"""The tree of RFC 6962: its own examples, and every path of every size."""

from __future__ import annotations

import pytest

from services.payments.proofs.engine.tree import EMPTY, Frontier, leaf_hash, path_of, root_of
from teahouse.ledger.proof import Unproven, _climb, _root

# The inputs and roots that Certificate Transparency's reference implementation tests with.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def leaves(count):
    return [leaf_hash(bytes([number % 256, number // 256])) for number in range(count)]


def inclusion(index, size, path):
    return {"index": index, "size": size, "path": [each.hex() for each in path]}


class TestTree:
    @pytest.mark.parametrize(("size", "root"), ROOTS.items())
    def test_has_the_roots_that_others_reckon(self, size, root):
        hashes = [leaf_hash(given) for given in INPUTS[:size]]

        assert root_of(hashes).hex() == root
        assert _root(hashes).hex() == root

    def test_of_nothing_is_the_hash_of_nothing(self):
        assert Frontier().root() == EMPTY

    @pytest.mark.parametrize("size", range(1, 40))
    def test_every_path_leads_to_the_root_and_from_no_other_place(self, size):
        hashes = leaves(size)
        root = root_of(hashes)

        for index, leaf in enumerate(hashes):
            path = path_of(index, hashes)
            assert _climb(leaf, inclusion(index, size, path)) == root
            for other in range(size):
                if other != index:
                    assert not leads(leaf, inclusion(other, size, path), root)

    @pytest.mark.parametrize("size", [2, 3, 7, 8, 33])
    def test_a_path_that_was_cut_lengthened_or_changed_leads_nowhere(self, size):
        hashes = leaves(size)
        root, path = root_of(hashes), path_of(0, hashes)

        assert not leads(hashes[0], inclusion(0, size, path[:-1]), root)
        assert not leads(hashes[0], inclusion(0, size, [*path, hashes[0]]), root)
        assert not leads(hashes[0], inclusion(0, size, [*path[:-1], hashes[0]]), root)


def leads(leaf, said, root):
    try:
        return _climb(leaf, said) == root
    except Unproven:
        return False
