"""What may be said in a contract, what it comes to, and what is said of it."""

from __future__ import annotations

import pytest

from sharing.check import SCHEMA, problems_of
from sharing.dividing import Heads, after_refunds, divide, seats_of
from sharing.examples import differences
from sharing.explaining import why_refund, why_share
from tests.builders.contracts import a_contract_text, terms_of
from tests.builders.payments import BRAND, HOST, VENUE, an_id

PLAIN = [
    {
        "id": "rest",
        "why": {"en": "takings", "zh": "收入"},
        "to": {"brand": 60, "host": 30, "platform": 10},
        "take": {"rest": True},
    }
]


def by_role(shares):
    return {share.seat.role: share.minor for share in shares}


def divided(terms, sales, heads=16):
    return divide(terms, seats_of(terms, {}), sales, Heads(heads, 12))


class TestSteps:
    def test_each_take_of_what_is_left_in_their_order(self):
        assert differences(terms_of()) == []

    def test_never_take_more_than_there_is(self):
        assert by_role(divided(terms_of(), [15_000])) == {
            "venue": 15_000,
            "platform": 0,
            "host": 0,
            "brand": 0,
        }

    def test_hold_only_under_their_condition(self):
        assert by_role(divided(terms_of(), [15_000], heads=11))["venue"] == 0


class TestExamples:
    def test_that_fail_are_told_to_the_fen(self):
        text = a_contract_text()
        text["examples"][1]["expect"] |= {"host": 2_926, "brand": 6_075}

        wrong = [each.told for each in differences(terms_of(examples=text["examples"]))]

        assert wrong == [
            "a quiet one: brand expected 6075, found 6076 (+1)",
            "a quiet one: host expected 2926, found 2925 (-1)",
        ]


def wrong(path, code, **changes):
    return pytest.param(changes, path, code, id=f"{path} {code}")


def steps(change):
    found = a_contract_text()["steps"]
    change(found)
    return found


def example(**changes):
    return [a_contract_text()["examples"][0] | changes]


def crowd(**sizes):
    """The parties of a contract with so many more in each of these roles."""
    more = {role: {an_id("org"): 1 for _ in range(size)} for role, size in sizes.items()}
    return a_contract_text()["parties"] | more


class TestCheck:
    def test_finds_nothing_wrong_with_a_good_contract(self):
        assert problems_of(a_contract_text()) == []

    @pytest.mark.parametrize(
        ("changes", "path", "code"),
        [
            wrong("/parties/host", "host-not-one", parties={"brand": {BRAND: 1}}),
            wrong("/parties/host", "host-not-one", parties={"host": {HOST: 1, BRAND: 1}}),
            wrong("/parties/venue", "too-many", parties=crowd(venue=51)),
            wrong("/parties", "parties-too-many", parties=crowd(venue=50, author=49)),
            wrong("/rounding", "not-listed", rounding="banker"),
            wrong("/parties/tester", "unknown-field", parties={"tester": {BRAND: 1}}),
            wrong("/steps/1/id", "step-twice", steps=steps(lambda s: s[1].update(id="hall"))),
            wrong("/steps/3", "rest-misplaced", steps=steps(lambda s: s[3].update(when="true"))),
            wrong("/steps/2", "rest-misplaced", steps=steps(lambda s: s.pop())),
            wrong(
                "/steps/0/take",
                "take-unclear",
                steps=steps(lambda s: s[0]["take"].update(points=5)),
            ),
            wrong(
                "/steps/1/take",
                "limits-crossed",
                steps=steps(lambda s: s[1]["take"].update(floor=6_000)),
            ),
            wrong(
                "/steps/2/take/tiers",
                "tiers-unordered",
                steps=steps(lambda s: s[2]["take"]["tiers"].reverse()),
            ),
            wrong(
                "/steps/0/when", "condition-name", steps=steps(lambda s: s[0].update(when="hats"))
            ),
            wrong(
                "/steps/0/when",
                "condition-function",
                steps=steps(lambda s: s[0].update(when="100 / (heads - 7) > 1")),
            ),
            wrong(
                "/steps/0/when",
                "condition-fails",
                steps=steps(lambda s: s[0].update(when="heads * takings > 5")),
            ),
            wrong("/rounding", "each-sale-needs-one-step", rounding="each-sale"),
            wrong(
                "/refunds",
                "giver-without-share",
                refunds="platform-first",
                steps=steps(lambda s: s.pop(1)),
            ),
            wrong(
                "/examples",
                "examples-too-large",
                rounding="each-sale",
                steps=PLAIN,
                examples=example(sales=[160] * 1_000) * 3,
            ),
            wrong("/currency", "currency-unknown", currency="XXX"),
            wrong("/currency", "wrong-form", currency="CNY\n"),
            wrong("/parties/brand", "wrong-form", parties={"brand": {f"{BRAND}\n": 1}}),
            wrong("/steps/0/id", "wrong-form", steps=steps(lambda s: s[0].update(id="hall\n"))),
            wrong("/title/en", "wrong-form", title={"en": "Tea\0", "zh": "茶"}),
            wrong("/title/zh", "wrong-form", title={"en": "Tea", "zh": "茶\n"}),
            wrong("/examples/0/name", "wrong-form", examples=example(name="good\u007f")),
            wrong("", "contract-too-large", examples=example(sales=[160] * 1_000) * 5),
            wrong("", "contract-too-large", examples=example(vacant=["author"] * 5_000)),
            wrong("", "contract-too-large", title={"en": [[1] * 5_000]}),
            wrong("/examples/0/vacant", "role-needed", examples=example(vacant=["host"])),
            wrong("/examples/0/refunded", "refunded-too-much", examples=example(refunded=160_001)),
            wrong(
                "/examples/0/expect",
                "expectation-does-not-add-up",
                examples=example(refunded=160_000),
            ),
        ],
    )
    def test_says_what_is_wrong_where_and_what_to_do(self, changes, path, code):
        found = problems_of(a_contract_text(**changes))

        assert (path, code) in {(each.path, each.code) for each in found}
        assert all(each.reason and each.hint and each.chinese for each in found)

    @pytest.mark.parametrize("what", [None, [], "text", 5, {"steps": [{}]}])
    def test_has_a_verdict_on_anything(self, what):
        assert problems_of(what)

    def test_goes_by_a_schema_that_is_there_for_other_tools(self):
        assert SCHEMA.is_file()


class TestRefunds:
    def kept(self, refunds, *, gone, sales=10_000):
        terms = terms_of(steps=PLAIN, refunds=refunds)
        return by_role(after_refunds(terms, divided(terms, [sales]), gone, Heads()))

    def test_pro_rata_leave_what_the_rest_alone_would_have_brought(self):
        assert self.kept("pro-rata", gone=5_000) == {"brand": 3000, "host": 1500, "platform": 500}

    def test_platform_first_spare_the_others_as_long_as_it_has_anything(self):
        assert self.kept("platform-first", gone=700) == {
            "brand": 6000,
            "host": 3000,
            "platform": 300,
        }
        assert self.kept("platform-first", gone=4_000) == {
            "brand": 4000,
            "host": 2000,
            "platform": 0,
        }
        assert set(self.kept("platform-first", gone=10_000).values()) == {0}

    def test_host_debt_are_the_hosts_alone_even_beyond_her_share(self):
        assert self.kept("host-debt", gone=4_000) == {
            "brand": 6000,
            "host": -1000,
            "platform": 1000,
        }


class TestExplaining:
    def test_names_every_step_with_the_rounding_and_the_carry(self):
        share = next(each for each in divided(terms_of(), [160_001]) if each.seat.role == "host")

        why = why_share(share)

        assert why.path == ("success", "rest")
        assert (why.exact, why.rounded) == ("232502/5", "-2/5")
        assert "success, 100 % of 17000.2 fen; rest, 25 % of 118000.8 fen" in why.en
        assert "rounded by -0.4 fen, +0.4 carried on" in why.en
        assert "取整 -0.4 分，结转 +0.4 分" in why.zh

    def test_tells_a_refund_by_what_was_had_and_what_is_left(self):
        terms = terms_of(steps=PLAIN)
        before = divided(terms, [10_000])
        after = after_refunds(terms, before, 5_000, Heads())

        why = why_refund(before[0], after[0], terms.refunding)

        assert "6000 fen become 3000" in why.en
        assert "6000 分变为 3000 分" in why.zh
        assert why.path == ("refund", "pro-rata", "rest")


def test_seats_are_those_whom_the_contract_binds():
    assert [seat.organization_id for seat in seats_of(terms_of(), {})] == [
        BRAND,
        HOST,
        VENUE,
        "platform",
    ]
