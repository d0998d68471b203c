"""Captions of a recorded call: WebVTT and SubRip, with the speakers as voices, names or dashes, or without."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from servicequal.contact import Contact
from servicequal.errors import ContactError
from servicequal.files.assemble import assemble
from servicequal.files.caption_speakers import Line, speaking
from servicequal.files.clock import seconds
from servicequal.files.encoding import decode_head, read_text
from servicequal.files.named_after import named_after
from servicequal.files.rejected import Rejected

_TIMING = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_INLINE_TIME = re.compile(r"<\d{2}:\d{2}(?::\d{2})?\.\d{3}>")
_TAG = re.compile(r"<[^<>]{0,200}>")
_ROLLING = 0.5  # of the cues repeat a line: a rolling display


def recognises(path: Path, head: bytes) -> bool:  # noqa: ARG001 - every format has this signature
    """Tell WebVTT by its first word, SubRip by a number with times below."""
    text = decode_head(head).lstrip()
    first, _, rest = text.partition("\n")
    return text.startswith("WEBVTT") or (first.strip().isdigit() and _TIMING.match(rest) is not None)


def read(path: Path) -> Iterator[Contact | Rejected]:
    r"""Read one call; captions without any sign of who speaks have one speaker, whose role is inferred.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "call.vtt"
        ...     cues = "00:01.000 --> 00:02.500\n<v Agent>Hello!\n\n00:03.000 --> 00:04.000\n<v Customer>Hi!\n"
        ...     _ = path.write_text("WEBVTT\n\n" + cues)
        ...     contact, = read(path)
        ...     contact, contact.turns[0].end
        (Contact('call', phone, 2 turns), 2.5)
    """
    try:
        captions = _parsed(read_text(path))
    except ContactError as error:
        yield Rejected(path.name, str(error))
        return
    yield assemble(path, named_after(path), "phone", speaking(_lines(captions)))


def _parsed(text: str) -> list[webvtt.Caption]:
    lines = [line + "\n" for line in text.lstrip("\ufeff \n").split("\n")]
    form = "vtt" if lines and lines[0].startswith("WEBVTT") else "srt"
    try:
        found = webvtt.WebVTT.from_buffer(lines, format=form)
    except (MalformedFileError, MalformedCaptionError, ValueError):
        raise ContactError("captions that cannot be parsed; expected WebVTT or SubRip") from None
    if not found.captions:
        raise ContactError("no cue that can be read; expected times such as 00:01.000 --> 00:02.500 above each text")
    return [caption for caption in found.captions if isinstance(caption, webvtt.Caption)]


def _lines(captions: list[webvtt.Caption]) -> list[Line]:
    """Give the lines said, each once, with their voices and times."""
    cues = [[line for line in caption.lines if _bare(line)] for caption in captions]
    rolling = _is_rolling(cues)
    lines: list[Line] = []
    shown: list[str] = []
    for caption, cue in zip(captions, cues, strict=True):
        start, end = seconds(caption.start), seconds(caption.end)
        voice = None
        for line in cue:
            voice = found[1].strip() if (found := _VOICE.search(line)) else voice
            if not (rolling and _bare(line) in shown):
                lines.append(Line(_bare(line), voice, start, end))
        shown = [_bare(line) for line in cue] or shown
    return lines


def _is_rolling(cues: list[list[str]]) -> bool:
    """Tell captions that show a line again when the next comes: they time each word, or repeat all the while."""
    if any(_INLINE_TIME.search(line) for cue in cues for line in cue):
        return True
    shown = [[_bare(line) for line in cue] for cue in cues if cue]
    repeated = sum(before[-1] == after[0] for before, after in pairwise(shown))
    return repeated > _ROLLING * len(shown)


def _bare(line: str) -> str:
    return html.unescape(_TAG.sub("", line)).replace("\u200e", "").strip()
