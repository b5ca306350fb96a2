"""An audit says who was shown and who got something; what others may not see is hidden."""

from __future__ import annotations

from datetime import timedelta

from services.matching.audits.adapters.csv_text import csv_lines
from services.matching.audits.adapters.plots import bars, lorenz_curves
from services.matching.audits.domain import (
    Blocking,
    Facts,
    Listing,
    Outcome,
    Window,
    audit,
)
from services.matching.audits.repositories import stored
from services.matching.audits.schemas import visible
from services.matching.audits.use_cases import keep_audit, make_audit, make_daily_audit
from tests.builders.matching import NOW, an_id

WINDOW = Window(NOW - timedelta(days=7), NOW)
BRANDS = [an_id("org", number) for number in range(11, 17)]
HOSTS = [an_id("org", number) for number in range(21, 24)]


def a_week(**changes) -> Facts:
    """Six brands of which four were shown, three hosts of which one is a newcomer."""
    given = {
        "listed": {
            brand: Listing(lots=1, packs=10 * number) for number, brand in enumerate(BRANDS, 1)
        },
        "founded": {
            host: NOW - timedelta(days=days)
            for host, days in zip(HOSTS, (30, 180, 181), strict=True)
        },
        "records": frozenset(HOSTS[1:]),
        "brand_places": {
            BRANDS[0]: {1: 2},
            BRANDS[1]: {3: 1},
            BRANDS[4]: {1: 1, 3: 2},
            BRANDS[5]: {1: 3},
        },
        "host_places": {HOSTS[0]: {1: 2, 3: 1}, HOSTS[2]: {1: 4, 3: 2}},
        "host_pages": {HOSTS[0]: 2, HOSTS[2]: 4},
        "brand_outcomes": {
            BRANDS[0]: Outcome(claims=1, packs=2, subsidy=80_000),
            BRANDS[5]: Outcome(claims=3, packs=6, settled=2, subsidy=240_000),
        },
        "host_outcomes": {
            HOSTS[0]: Outcome(claims=1, packs=2, subsidy=80_000),
            HOSTS[2]: Outcome(claims=3, packs=6, settled=2, subsidy=240_000),
        },
        "packs_kept": 12,
    }
    return Facts(**given | changes)


def made(facts=None):
    return audit(an_id("aud"), WINDOW, facts or a_week(), by="worker", now=NOW)


class FakeAudits:
    """``Audits`` in a dict."""

    def __init__(self) -> None:
        self.by_id = {}
        self.with_rows = []

    def has(self, audit_id):
        return audit_id in self.by_id

    def put_rows(self, made):
        self.with_rows.append(made)

    def add(self, made):
        assert made.id not in self.by_id
        self.by_id[made.id] = made


class Books:
    """``Books`` that always tell of the same week."""

    def __init__(self) -> None:
        self.asked = []

    def facts(self, window, *, now):
        self.asked.append(window)
        return a_week()


class TestBrands:
    def test_are_in_thirds_by_the_packs_they_listed(self):
        found = made().brands

        assert [
            (name, each.parties, each.shown, each.with_nothing, each.claims)
            for name, each in found.groups.items()
        ] == [
            ("small", 2, 2, 1, 1),
            ("middle", 2, 0, 2, 0),
            ("large", 2, 2, 1, 3),
            ("unlisted", 0, 0, 0, 0),
        ]

    def test_are_counted_as_reachable_and_shown(self):
        found = made(a_week(brand_places={BRANDS[0]: {1: 1}, an_id("org", 99): {2: 1}}))

        assert (found.reachable, found.reachable_shown) == (6, 1)
        assert found.brands.groups["unlisted"].parties == 1

    def test_have_exposure_by_the_places_they_were_shown_at(self):
        rows = {row.party_id: row for row in made().rows}

        # The third place is worth half of the first: 1 / log2(1 + 3).
        assert rows[BRANDS[4]].exposure == 1_000_000 + 2 * 500_000
        assert rows[BRANDS[4]].places == 3
        assert rows[BRANDS[2]].exposure == 0


class TestHosts:
    def test_are_grouped_by_the_age_of_their_first_community(self):
        rows = [row for row in made().rows if row.side == "host"]

        assert [(str(row.group), row.days, row.is_newcomer, row.pages) for row in rows] == [
            ("up-to-30-days", 30, True, 2),
            ("up-to-180-days", 180, False, 0),
            ("older", 181, False, 4),
        ]

    def test_of_whom_no_community_is_known_are_a_group_of_their_own(self):
        found = made(a_week(founded={}))

        assert found.hosts.groups["no-community"].parties == 2


class TestNewcomers:
    def test_have_their_share_told_beside_what_is_kept_for_them(self):
        found = made().newcomers

        assert (found.hosts, found.share_of_hosts) == (1, 3_333)
        assert (found.share_of_places, found.share_of_claims, found.share_of_packs) == (
            3_333,
            2_500,
            2_500,
        )
        assert (found.packs_kept, found.packs_listed, found.share_kept) == (12, 210, 1_000)


class TestVisible:
    def test_hides_groups_of_fewer_than_three_from_all_but_the_platform(self):
        told = _told(made())

        seen = visible(told, sees_all=False)

        assert visible(told, sees_all=True) == told
        assert set(seen["brands"]["groups"].values()) == {None}
        assert seen["brands"]["total"]["parties"] == 6
        assert seen["brands"]["gini"]["claims"] > 0
        assert seen["newcomers"] is None

    def test_hides_a_whole_side_of_fewer_than_three(self):
        one = {BRANDS[0]: Listing(1, 10)}
        facts = a_week(listed=one, brand_places={}, brand_outcomes={})

        seen = visible(_told(made(facts)), sees_all=False)["brands"]

        assert (seen["total"], seen["gini"], seen["lorenz"]) == (None, None, None)

    def test_tells_groups_that_are_large_enough_or_empty(self):
        listed = {an_id("org", number): Listing(1, number) for number in range(1, 10)}
        facts = a_week(listed=listed, brand_places={}, brand_outcomes={})

        seen = visible(_told(made(facts)), sees_all=False)["brands"]

        assert [each["parties"] for each in seen["groups"].values()] == [3, 3, 3, 0]


class TestMaking:
    def test_happens_once_under_an_id(self):
        books, audits = Books(), FakeAudits()

        for _ in range(2):
            made = make_audit(an_id("aud"), WINDOW, by="x", books=books, audits=audits, now=NOW)
            if made:
                keep_audit(made, audits=audits)

        assert len(books.asked) == 1
        assert list(audits.by_id) == [an_id("aud")]
        assert audits.with_rows == list(audits.by_id.values())

    def test_keeps_the_first_of_two_that_were_counted_at_once(self):
        audits = FakeAudits()
        first, second = made(), made(a_week(packs_kept=7))

        keep_audit(first, audits=audits)
        keep_audit(second, audits=audits)

        assert audits.by_id[an_id("aud")].newcomers.packs_kept == 12

    def test_happens_once_a_day_of_the_week_before_midnight(self):
        books, audits = Books(), FakeAudits()

        for hours in (0, 1, 3, 4, 5):  # it is 20:00 in Shanghai
            found = make_daily_audit(books=books, audits=audits, now=NOW + timedelta(hours=hours))
            if found:
                keep_audit(found, audits=audits)

        (today, tomorrow) = audits.by_id.values()
        midnight = NOW - timedelta(hours=20)
        assert today.window == (midnight - timedelta(days=7), midnight)
        assert tomorrow.window.until == midnight + timedelta(days=1)


class TestTable:
    def test_has_a_line_for_each_row_and_nothing_where_nothing_is(self):
        text = list(csv_lines([_row(row) | {"currency": "CNY"} for row in made().rows]))

        assert len(text) == 1 + 9
        assert text[0].startswith("\ufeffside 类别,organisation 组织")
        assert text[1] == f"brand,{BRANDS[0]},small,1,10,,,0,2,2000000,1,2,0,80000,CNY\r\n"


class TestPlots:
    def test_draw_a_curve_from_nothing_to_all(self):
        drawn = lorenz_curves(
            "Hosts", {"claims": (0, 2_500, 10_000), "subsidy": (0, 5_000, 10_000)}
        )

        assert 'points="24.0,264.0 144.0,204.0 264.0,24.0"' in drawn
        assert drawn.count("<polyline") == 2

    def test_draw_bars_as_long_as_their_part_of_the_longest(self):
        drawn = bars("Claims <by group>", {"small": 1, "large": 4, "none": 0}, str)

        assert [f'width="{length}" height="10"' in drawn for length in (80, 320, 0)] == [True] * 3
        assert ">large: 4</text>" in drawn
        assert drawn.startswith("<h2>Claims &lt;by group&gt;</h2>")


def _told(found):
    row = stored(found)
    figures = row.pop("figures")
    return {"id": row.pop("_id"), **row, **figures}


def _row(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def test_blocking_pairs_are_those_of_the_last_clearing():
    assert made().blocking is None
    assert made(a_week(blocking=Blocking("clr_1", 7))).blocking.pairs == 7
