"""An invitation is drawn as a picture that stands alone."""

from xml.etree import ElementTree as ET

from services.matching.attendance.adapters import draw


class TestDraw:
    def test_makes_a_picture_that_stands_alone(self):
        picture = ET.fromstring(draw("c" * 400))

        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        assert int(picture.get("width")) == int(picture.get("height")) > 200

    def test_draws_the_same_code_alike(self):
        assert draw("tea") == draw("tea") != draw("coffee")
