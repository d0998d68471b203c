"""Bytes → text: marks, UTF-16 without one, and what is refused."""

import pytest

from servicequal.errors import ContactError
from servicequal.files.encoding import decode, decode_head

TEXT = "Klient: Dzień dobry, gdzie jest moja paczka?\nBerater: Grüß Gott!\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_gives_the_same_text(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_line_ends_become_one() -> None:
    assert decode(b"a\r\nb\rc\n") == "a\nb\nc\n"


def test_other_bytes_are_refused_with_their_place_and_not_quoted() -> None:
    with pytest.raises(ContactError, match=r"^byte 3 is not utf-8; expected UTF-8") as caught:
        decode("Grüße".encode("cp1252"))
    assert "Gr" not in str(caught.value)


def test_a_head_may_end_within_a_character() -> None:
    raw = TEXT.encode()
    heads = [decode_head(raw[:size]) for size in range(len(raw) + 1)]
    assert all(TEXT.startswith(head) for head in heads)
    assert heads[-1] == TEXT
