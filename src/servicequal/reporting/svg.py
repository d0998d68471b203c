"""A drawn plot made fit for the page: no styles of its own, the page's colours, a title and a description."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

# stands in the drawing for the page's colour of that name, which changes with the dark mode
COLOURS = {"#000001": "ink", "#000002": "soft", "#000003": "line", "#000004": "accent", "#000005": "second"}

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_DROPPED = ("metadata", "style")


def dressed(drawing: str, *, name: str, title: str, description: str) -> str:
    """Make a drawing of matplotlib's a part of an HTML page.

    Its ``style`` attributes, which a strict content policy forbids, become presentation attributes; its ids are made
    unique in the page; colours become the page's variables.

    Args:
        drawing: an SVG document that matplotlib wrote.
        name: unique in the page.
        title: of the plot, for screen readers.
        description: its figures in words, for screen readers.
    """
    root = ET.fromstring(drawing)  # noqa: S314 - written a moment ago by matplotlib
    for parent in list(root.iter()):
        for child in list(parent):
            if _tag(child) in _DROPPED:
                parent.remove(child)
    for element in root.iter():
        element.tag = _tag(element)
        _dress(element, name)
    box = root.get("viewBox", "")
    root.attrib = {
        "xmlns": _SVG, "viewBox": box, "width": box.split()[2], "height": box.split()[3], "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
    }  # fmt: skip
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(tag, {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(place, element)
    return ET.tostring(root, encoding="unicode")


def _dress(element: ET.Element, name: str) -> None:
    declared = [part.partition(":") for part in element.attrib.pop("style", "").split(";") if part.strip()]
    for key, _, value in declared:
        if key.strip() not in ("font-family", "font"):
            element.set(key.strip(), COLOURS_AS_VARIABLES.get(value.strip(), value.strip()))
    if f"{{{_XLINK}}}href" in element.attrib:
        element.set("href", "#" + name + "-" + element.attrib.pop(f"{{{_XLINK}}}href").removeprefix("#"))
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("url(#", f"url(#{name}-"))
    identity = element.attrib.pop("id", None)
    if identity and re.fullmatch("[a-z][0-9a-f]{10}", identity):  # referred to; all others only name a part
        element.set("id", f"{name}-{identity}")
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))


def _tag(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{_SVG}}}")


COLOURS_AS_VARIABLES = {code: f"var(--{name})" for code, name in COLOURS.items()}
