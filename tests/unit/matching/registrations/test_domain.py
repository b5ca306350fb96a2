import pytest

from services.matching.gatherings.engine.sheet import Question
from services.matching.registrations.domain import AnswersUnfit, fitting

ALLERGIES = Question("allergies", {"en": "Allergies?"}, "text", required=True)
SHOES = Question("shoe-size", {"en": "Your shoe size"}, "number")
SUGAR = Question("sugar", {"en": "Do you watch your sugar?"}, "yes-no", required=True)
RICE = Question("rice", {"en": "Which rice?"}, "choice", ({"en": "White"}, {"en": "Brown"}))
FORM = (ALLERGIES, SHOES, SUGAR, RICE)
FULL = {"rice": 2, "sugar": False, "shoe-size": 37.5, "allergies": " sesame "}


def misfits(**changes):
    with pytest.raises(AnswersUnfit) as refused:
        fitting(FORM, FULL | {name.replace("_", "-"): value for name, value in changes.items()})
    return [(each["question"], each["code"]) for each in refused.value.members["answers"]]


class TestAnswers:
    def test_are_kept_trimmed_in_the_order_of_the_questions(self):
        kept = fitting(FORM, FULL)

        assert list(kept.items()) == [
            ("allergies", "sesame"),
            ("shoe-size", 37.5),
            ("sugar", False),
            ("rice", 2),
        ]

    def test_may_be_left_out_where_they_are_not_required(self):
        assert fitting(FORM, {"allergies": "none", "sugar": True}) == {
            "allergies": "none",
            "sugar": True,
        }

    def test_are_not_wanted_where_nothing_is_asked(self):
        assert fitting((), {}) == {}

    def test_are_missed_under_every_question_that_requires_one(self):
        with pytest.raises(AnswersUnfit) as refused:
            fitting(FORM, {"allergies": "  "})

        assert refused.value.members["answers"] == [
            {"question": "allergies", "code": "missing"},
            {"question": "sugar", "code": "missing"},
        ]

    @pytest.mark.parametrize(
        ("question", "answer", "code"),
        [
            ("allergies", 7, "wrong-kind"),
            ("allergies", True, "wrong-kind"),
            ("allergies", "x" * 501, "too-long"),
            ("shoe_size", "37", "wrong-kind"),
            ("shoe_size", True, "wrong-kind"),
            ("shoe_size", 10**400, "too-large"),
            ("shoe_size", float("inf"), "too-large"),
            ("shoe_size", float("nan"), "too-large"),
            ("sugar", 1, "wrong-kind"),
            ("sugar", "yes", "wrong-kind"),
            ("rice", True, "wrong-kind"),
            ("rice", "Brown", "wrong-kind"),
            ("rice", 1.0, "wrong-kind"),
            ("rice", 0, "not-an-option"),
            ("rice", 3, "not-an-option"),
            ("wine", "red", "unknown"),
        ],
    )
    def test_are_refused_under_the_question_they_do_not_fit(self, question, answer, code):
        assert misfits(**{question: answer}) == [(question.replace("_", "-"), code)]

    def test_are_told_all_that_is_wrong_at_once(self):
        assert misfits(sugar="no", rice=9, wine="red") == [
            ("sugar", "wrong-kind"),
            ("rice", "not-an-option"),
            ("wine", "unknown"),
        ]
