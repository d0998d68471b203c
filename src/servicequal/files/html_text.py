"""HTML → the text a reader of the message would see, line by line."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol option p pre section summary table tbody tfoot thead tr
    ul""".split()
)
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset({"head", "script", "style", "template", "title"})
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0]+")
# Before html.parser sees it: what is never shown (unknown marked sections make it raise), and a tag that the end of the
# file cuts off (it looks for each one's end again and again: minutes for a hostile mail).
_UNSHOWN = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?](?=[a-zA-Z\[])[^<>]*>?", re.DOTALL)
_CUT_OFF = re.compile(r"<[a-zA-Z/][^>]*\Z")
_NO_TAG = re.compile(r"<(?=[!?])")
_MAX_DEPTH = 20  # of quotes that are still shown as such


def html_to_text(html: str) -> str:
    r"""Write HTML as plain text.

    Block tags and ``<br>`` become line breaks, table cells are set apart by a space, the lines of a blockquote get
    ``"> "`` for each level, script, style, title and head are left out, and character references are resolved. White
    space is folded as a browser does, except inside ``<pre>``. Broken or truncated HTML never raises.

    Example:
        >>> html_to_text("<p>Hello,<br>R&amp;D here.</p><blockquote><p>Any news?</p></blockquote>")
        'Hello,\nR&D here.\n> Any news?'
    """
    reader = _Reader()
    shown = _NO_TAG.sub("&lt;", _UNSHOWN.sub("", html))
    end = shown.rfind(">") + 1
    reader.feed(shown[:end] + _CUT_OFF.sub("", shown[end:]))
    reader.close()
    reader.end_line()
    text = "\n".join(reader.lines).strip("\n")
    return re.sub(r"\n{3,}", "\n\n", text)


class _Reader(HTMLParser):
    """Collects the lines; keeps count of the quotes and of the elements that stay silent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._preformatted = 0
        self._silent: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (html.parser's)
        if tag == "body":  # a <head> that was never closed ends here
            self._silent = None
        if self._silent is not None:
            return
        if tag in _SILENT:
            self._silent = tag
        elif tag == "br":
            self.end_line(keep_empty=True)
        elif tag in _CELLS:
            self._line.append(" ")
        elif tag in _BLOCKS:
            self.end_line()
            self._depth += tag == "blockquote"
            self._preformatted += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:  # <title/> has no end tag to wait for
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent is not None:
            if tag == self._silent:
                self._silent = None
        elif tag in _BLOCKS:
            self.end_line()
            self._depth = max(0, self._depth - (tag == "blockquote"))
            self._preformatted = max(0, self._preformatted - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self._silent is not None:
            return
        if not self._preformatted:
            self._line.append(_SPACES.sub(" ", data))
            return
        first, *others = data.split("\n")
        self._line.append(first)
        for other in others:
            self.end_line(keep_empty=True)
            self._line.append(other)

    def end_line(self, *, keep_empty: bool = False) -> None:
        """Put the line down; an empty one only where a line break asks for it."""
        line = "".join(self._line)
        self._line = []
        text = line.replace("\xa0", " ").rstrip() if self._preformatted else _SPACES.sub(" ", line).strip()
        if text or keep_empty:
            self.lines.append(("> " * min(self._depth, _MAX_DEPTH) + text).rstrip())
