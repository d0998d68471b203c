"""The page in a real browser: headless Chromium; skipped where there is none."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from servicequal import Contact, Report, Turn, report
from servicequal.reporting.section import Column, Estimate, Example, Plot, Point, Section, Table, Text
from tests.reporting.conftest import ANSWER, make_card

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
DRIVER = shutil.which("chromedriver") or ""
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")

IMAGE = "</script><img src=x onerror=\"document.title='taken over'\">$x^2$"  # a contact's text may hold no <script>
ATTACK = f"<script>document.title='taken over'</script>{IMAGE}"
WIDTHS = (1280, 390)
# what reaches beyond the window and does not scroll by itself
STICKING_OUT = """
return [...document.querySelectorAll("main *")]
  .filter(e => !e.closest(".scroll") && !e.closest("svg") && e.getClientRects().length)
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.outerHTML.slice(0, 90))
"""
# pairs of upright words of a plot that run into each other
COLLIDING = """
return [...document.querySelectorAll("main svg")].flatMap(svg => {
  const upright = [...svg.querySelectorAll('text:not([transform*="rotate(-4"])')];
  const words = upright.map(e => [e.textContent, e.getBoundingClientRect()]);
  return words.flatMap(([a, p], n) => words.slice(n + 1)
    .filter(([b, q]) => p.left < q.right && q.left < p.right && p.top < q.bottom - 3 && q.top < p.bottom - 3)
    .map(([b, q]) => `${svg.querySelector("title").textContent}: ${a} | ${b}`));
})
"""
# ids that something refers to
REFERENCES = """
const all = (name) => [...document.querySelectorAll(`[${name}]`)].map(e => e.getAttribute(name));
return [...all("aria-labelledby").flatMap(ids => ids.split(" ")), ...all("href").map(href => href.slice(1))]
"""
INTRUDERS = """
const script = document.createElement("script");
script.textContent = "document.title = 'taken over'";
const image = new Image();
image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
document.body.append(script, image)
"""
LACKING = ("table:not(:has(> caption))", "th:not([scope])", "svg:not(:has(> title))", "svg:not(:has(> desc))")
COLOURS = """
const style = getComputedStyle(document.documentElement);
const names = ["paper", "ink", "soft", "accent", "good", "mid", "bad", "tint", "good-tint", "bad-tint"];
return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()]))
"""
SOFT = """
const probe = document.createElement("i");
probe.className = "soft";
document.querySelector("main").append(probe);
return getComputedStyle(probe).color
"""


@pytest.fixture(scope="module")
def made() -> Report:
    """A report with everything in it: attacks in every name, all kinds of plots, wide tables, passages."""
    levels = ("not_met", "partly_met", "fully_met")
    cards = [
        make_card(
            f"c-{n}{ATTACK if n == 0 else ''}",
            levels[n % 3],
            company=ATTACK,
            case=ATTACK,
            agent=f"a{n % 6}",
            team="north",
        )
        for n in range(30)
    ]
    turns = (Turn("customer", f"Ich heiße {IMAGE}"), Turn("agent", ANSWER + " Wort" * 3000))
    contacts = [Contact(card.contact, "chat", turns) for card in cards]
    found = report(cards, contacts=contacts)
    return replace(found, sections=(found.sections[0], _shown(found.contacts[0].card.contact), *found.sections[1:]))


def _shown(contact: str) -> Section:
    """A section as an analysis gives it; its words are borrowed from the overview."""
    title = Text("overview.title")
    groups = [ATTACK, "a company with a name that is much too long for any axis", "voltana"]
    points = tuple(
        Point(group, Estimate(50.0 + n, 40.0 + n, 60.0 + n, 20), series)
        for n, group in enumerate(groups)
        for series in ("empathy", "courtesy")
    )
    many = tuple(Point(f"2026-q{n}", Estimate(0.1 * n, 0.05, 0.5, 9, "share"), s) for n in range(1, 6) for s in "abcde")
    plots = (
        Plot("wide", "dots", title, points, 50.0),
        Plot("bars", "bars", title, points),
        Plot("lines", "lines", title, many),
    )
    columns = (Column("criterion"), *(Column(f"column {n}") for n in range(12)))
    wide = Table("wide", title, columns, tuple((group, *[points[0].estimate] * 12) for group in groups))
    long = Table("bars", title, columns[:2], tuple((f"row {n}", n) for n in range(500)))
    examples = tuple(Example(contact, 1, 13, 31, ATTACK, title, good, 1) for good in (True, False))
    return Section("shown", title, (Text("overview.how"),), (wide, long), plots, (Text("overview.how"),), examples)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(made: Report, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder, pages = tmp_path_factory.mktemp("pages"), {}
    for language in ("en", "de", "pl"):
        made.write_html(folder / f"{language}.html", language=language)
        pages[language] = (folder / f"{language}.html").as_uri()
    return pages


def view(browser: Any, page: str, *, width: int = 1280, dark: bool = False, media: str = "") -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
    browser.get("about:blank")
    browser.get(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "de", "pl"])
def test_every_section_is_there_nothing_overflows_and_no_error_is_logged(
    browser: Any, pages: dict[str, str], made: Report, language: str, width: int
) -> None:
    view(browser, pages[language], width=width)
    for section in made.sections:
        heading = browser.find_element("id", f"{section.id}-title")
        assert heading.is_displayed()
        assert len(browser.find_elements("css selector", f"#{section.id} svg")) == len(section.plots)
    assert (
        browser.execute_script("const page = document.documentElement; return page.scrollWidth - page.clientWidth") == 0
    )
    sticking = browser.execute_script(STICKING_OUT)
    assert sticking == []
    assert browser.get_log("browser") == []


def test_the_words_of_a_plot_can_be_read(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"])
    assert browser.execute_script(COLLIDING) == []
    waves = [text for text in browser.find_elements("css selector", "#shown svg text") if text.text == "2026-q5"]
    assert len(waves) == 2  # below each column of facets, the shorter one too


def test_intervals_go_below_their_figures_where_there_are_many(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"])
    row = browser.find_element("css selector", "#shown table:has(td:nth-child(12)) tbody tr td")
    figure, interval = (row.find_element("css selector", f".{name}").rect for name in ("figure", "interval"))
    assert interval["y"] >= figure["y"] + figure["height"] - 3


def test_a_script_in_a_name_does_nothing(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"])
    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.title == "How good is the service? · servicequal"
    assert len(browser.find_elements("css selector", "script")) == 1
    assert browser.find_elements("css selector", "img") == []
    text = browser.find_element("tag name", "main").text
    assert "taken over" in text  # shown as what it is
    assert "$x^2$" in text


def test_the_policy_forbids_what_did_not_come_with_the_page(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"])
    browser.execute_script(INTRUDERS)
    assert browser.title.startswith("How good")
    refused = browser.get_log("browser")
    assert sum("Content Security Policy" in entry["message"] for entry in refused) >= 2


def test_the_filter_works_by_keyboard(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"])
    keys = webdriver.Keys

    def shown() -> int:
        return sum(one.is_displayed() for one in browser.find_elements("css selector", "#contacts > details"))

    def choose(name: str, wanted: str) -> None:
        """Step down the choices; typing a word depends on how fast the machine is."""
        choice = browser.find_element("id", f"filter-{name}")
        choice.send_keys(keys.HOME)
        for _ in choice.find_elements("css selector", "option"):
            if choice.find_element("css selector", "option:checked").text.lower().startswith(wanted):
                return
            choice.send_keys(keys.DOWN)
        pytest.fail(f"no choice begins with {wanted}")

    assert shown() == 30
    choose("level", "not met")
    assert shown() == 10
    assert browser.find_element("id", "filter-count").text == "10"
    choose("criterion", "cour")
    choose("decision", "rev")
    assert shown() == 0  # courtesy is rated without review
    choose("decision", "with")
    assert shown() == 10
    browser.find_element("id", "filter-decision").send_keys(keys.TAB)  # from the filter to the first contact
    focused = browser.switch_to.active_element
    assert focused.tag_name == "summary"
    focused.send_keys(keys.ENTER)
    assert browser.find_elements("css selector", "#contacts > details[open] mark")


def test_a_passage_leads_to_its_contact_even_if_it_is_filtered_out(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"])
    browser.find_element("id", "filter-level").send_keys(webdriver.Keys.END)
    browser.find_element("css selector", "#shown blockquote a").send_keys(webdriver.Keys.ENTER)
    assert browser.find_element("css selector", "#contact-1 .turn").is_displayed()


def test_first_key_offers_to_skip_to_the_report(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["de"])
    browser.find_element("tag name", "body").send_keys(webdriver.Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("href").endswith("#main")
    assert browser.switch_to.active_element.rect["width"] > 50


def test_screen_readers_find_their_way(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["pl"])
    look = browser.execute_script
    assert look("return document.documentElement.lang") == "pl"
    assert look("return document.querySelectorAll('body > header, body > nav, body > main, body > footer').length") == 4
    assert look("return document.querySelectorAll('h1').length") == 1
    for lacking in LACKING:
        assert look(f"return document.querySelectorAll({lacking!r}).length") == 0, lacking
    ids = look("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert look(REFERENCES) != []
    assert set(look(REFERENCES)) <= set(ids)


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_in_light_and_dark(browser: Any, pages: dict[str, str], dark: bool) -> None:
    view(browser, pages["en"], dark=dark)
    colours = browser.execute_script(COLOURS)
    assert (luminance(colours["paper"]) < 0.2) is dark
    for name in ("ink", "soft", "accent", "good", "mid", "bad"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for tint in ("tint", "good-tint", "bad-tint"):
        assert contrast(colours["ink"], colours[tint]) >= 4.5, tint
        assert contrast(colours["soft"], colours[tint]) >= 4.5, tint
    axis = browser.find_element("css selector", "#shown svg text").value_of_css_property("fill")
    assert axis == browser.execute_script(SOFT)


def test_it_prints(browser: Any, pages: dict[str, str]) -> None:
    view(browser, pages["en"], media="print", dark=True)
    assert not browser.find_element("tag name", "nav").is_displayed()
    assert not browser.find_element("id", "filter").is_displayed()
    assert browser.find_element("css selector", "#shown table").is_displayed()
    printed = browser.execute_cdp_cmd("Page.printToPDF", {})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    assert luminance(browser.execute_script(COLOURS)["paper"]) > 0.9


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    colour = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
