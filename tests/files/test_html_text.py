"""HTML as the reader of a message would see it."""

from __future__ import annotations

import random

import pytest

from servicequal.files.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello,<br>your parcel<br/>is here.</p>", "Hello,\nyour parcel\nis here."),
        ("<p>one</p>\n\n  <p>two</p>", "one\ntwo"),
        ("<div><div>one</div><div><br></div><div>two</div></div>", "one\n\ntwo"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<table><tr><td>Order</td><td>4711</td></tr><tr><td>Sum</td></tr></table>", "Order 4711\nSum"),
        ("a <b>b</b>c\n  d&nbsp;&nbsp;e", "a bc d e"),
        ("<pre>a\n  b\n</pre>c", "a\n  b\nc"),
        ("R&amp;D &euro;5 &#8364; gr&uuml;n &lt;3", "R&D €5 € grün <3"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("", ""),
    ],
)
def test_block_tags_and_breaks_become_lines(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_each_level_of_a_blockquote_is_marked() -> None:
    html = "New<blockquote>Old<br><br>older<blockquote>oldest</blockquote></blockquote>after"
    assert html_to_text(html) == "New\n> Old\n>\n> older\n> > oldest\nafter"


@pytest.mark.parametrize(
    "html",
    [
        "<head><title>No</title><style>p {color: red}</style></head><body>Yes</body>",
        "<html><head><meta charset='x'><body>Yes",
        "<script>if (a < b) no()</script>Yes<style>no</style>",
        "<!-- no -->Yes<!--[if mso]><p>no</p><![endif]-->",
        "<![if !supportLists]>Yes<![endif]>",
        "<?xml version='1.0'?><!DOCTYPE html><title/>Yes",
        "Yes<!-- no: never closed",
        "Yes<a href='https://example.org",
        "Yes</blockquote></pre></p>",
    ],
)
def test_what_is_not_shown_is_left_out(html: str) -> None:
    assert html_to_text(html) == "Yes"


def test_broken_html_never_raises() -> None:
    chance = random.Random(7)
    parts = [
        "<![",
        "]>",
        "<!",
        "--",
        "[",
        "CDATA[",
        "<p>",
        "</p",
        "x",
        "&",
        "&#",
        "a=",
        "'",
        '"',
        ">",
        "/",
        "<?",
        "<pre>",
    ]
    for _ in range(3000):
        assert isinstance(html_to_text("".join(chance.choices(parts, k=chance.randint(1, 12)))), str)


@pytest.mark.parametrize("part", ["<a ", "<!--", "</a ", "<![ ", "<blockquote>", "<a b='", "<?"])
def test_hostile_html_is_read_in_one_pass(part: str) -> None:
    """html.parser alone takes hours for these 3 MB."""
    html_to_text(part * (3_000_000 // len(part)))
