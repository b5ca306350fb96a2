"""The keys a service signs with, on a real database."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from chassis.mongo import atomically, collection
from chassis.signer import TRUSTED, Signer, key_id_of, payload_of, signed

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Watch:
    """A clock that a test sets."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class TestKeys:
    def test_are_made_once_by_however_many(self, database):
        makers = [Signer() for _ in range(4)]
        threads = [threading.Thread(target=maker.ensure) for maker in makers]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert collection("signer_keys").count_documents({}) == 1
        assert len({maker.published()["keys"][0]["kid"] for maker in makers}) == 1

    def test_verify_with_what_is_published_and_nothing_else(self, database):
        signer = Signer()
        token = signed(b"tea", type="teahouse-test", key=signer.current())

        published = KeySet.import_key_set(signer.published())

        assert jws.deserialize_compact(token, published, algorithms=["Ed25519"]).payload == b"tea"
        assert "d" not in signer.published()["keys"][0]

    def test_that_were_lost_with_their_transaction_are_not_remembered(self, database):
        signer = Signer()

        def work():
            signer.current()
            raise LookupError

        with contextlib.suppress(LookupError):
            atomically(work)

        assert signer.current().kid == Signer().current().kid


class TestRotation:
    def test_signs_anew_and_still_verifies_what_is_old(self, database):
        signer = Signer()
        old = signed(b"tea", type="teahouse-test", key=signer.current())

        atomically(signer.rotate)

        new = signed(b"tea", type="teahouse-test", key=signer.current())
        assert key_id_of(new, type="teahouse-test") != key_id_of(old, type="teahouse-test")
        (known,) = signer.named(key_id_of(old, type="teahouse-test"))
        assert payload_of(old, known) == b"tea"
        assert len(signer.published()["keys"]) == 2

    def test_that_is_undone_signs_nothing(self, database):
        signer = Signer()
        before = signer.current().kid

        def rotate_and_fail():
            signer.rotate()
            assert len(signer.published()["keys"]) == 2
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(rotate_and_fail)

        assert signer.current().kid == before

    def test_elsewhere_is_followed_in_time(self, database):
        Signer().ensure()
        watch = Watch()
        here = Signer(watch)
        before = here.current().kid
        atomically(Signer(watch).rotate)

        watch.now = NOW + TRUSTED - timedelta(milliseconds=1)
        assert here.current().kid == before
        watch.now = NOW + TRUSTED
        assert here.current().kid != before

    def test_elsewhere_hides_no_key_from_who_reads(self, database):
        here, elsewhere = Signer(), Signer()
        here.published()
        atomically(elsewhere.rotate)

        token = signed(b"tea", type="teahouse-test", key=elsewhere.current())

        (found,) = here.named(key_id_of(token, type="teahouse-test"))
        assert payload_of(token, found) == b"tea"

    def test_at_once_loses_none(self, database):
        Signer().ensure()
        threads = [threading.Thread(target=lambda: atomically(Signer().rotate)) for _ in range(3)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(Signer().published()["keys"]) == 4
