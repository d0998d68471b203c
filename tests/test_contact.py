"""Only valid contacts exist, and a wrong one says where and what."""

from __future__ import annotations

import pytest

from servicequal import Contact, Turn
from servicequal.errors import ContactError

GOOD = {"id": "c-1", "channel": "chat", "turns": [{"speaker": "agent", "text": "Hi", "start": 0.0, "end": 1.5}]}


def test_round_trip() -> None:
    record = GOOD | {
        "language": "de",
        "attributes": {"company": "voltana", "anything": [1, {"a": None}]},
        "facts": ["f"],
    }
    assert Contact.from_dict(record).to_dict() == record


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chanel": "chat"}, "unknown key 'chanel'; did you mean 'channel'?"),
        ({"channel": "fax"}, "unknown channel 'fax'; expected one of: chat, email, phone"),
        ({"turns": []}, "contact 'c-1': no turn with text; expected at least one"),
        ({"turns": [{"speaker": "agent", "text": "  "}]}, "no turn with text"),
        ({"turns": "Hi"}, "turns is a string; expected a list"),
        ({"turns": [{"speaker": "agnet", "text": "Hi"}]}, "turn 0: unknown speaker 'agnet'; did you mean 'agent'?"),
        ({"turns": [{"speaker": "agent", "txt": "Hi"}]}, "turn 0: unknown key 'txt'; did you mean 'text'?"),
        ({"turns": [{"speaker": "agent", "text": None}]}, "turn 0: text is null; expected a string"),
        ({"turns": [{"speaker": "agent", "text": "a\x00b"}]}, "turn 0: the text holds a NUL byte"),
        ({"turns": [{"speaker": "agent", "text": "a\ud800"}]}, "half a surrogate pair"),
        ({"turns": [{"speaker": "agent", "text": "<script>x</script>"}]}, "turn 0: the text holds HTML"),
        ({"turns": [{"speaker": "agent", "text": "Hi", "start": "0"}]}, "start is a string; expected seconds"),
        ({"turns": [{"speaker": "agent", "text": "Hi", "start": float("nan")}]}, "expected seconds"),
        ({"turns": [{"speaker": "agent", "text": "Hi"}] * 200_000}, "200000 turns; expected at most 20000"),
        ({"turns": [{"speaker": "agent", "text": "x" * 3_000_000}]}, "3000000 characters; expected at most 2000000"),
        ({"id": ""}, "id is a string; expected a string that is not empty"),
        ({"language": "German"}, "language is not a two-letter code"),
        ({"attributes": ["a"]}, "attributes is a list; expected an object"),
        ({"facts": "f"}, "facts is a string; expected a list of fact ids"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ContactError) as caught:
        Contact.from_dict(GOOD | change)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_message_quotes_no_text() -> None:
    with pytest.raises(ContactError) as caught:
        Turn("agent", "my secret\x00")
    assert "secret" not in str(caught.value)


def test_little_markup_is_only_text() -> None:
    assert Turn("customer", "the <b> key & a < b > c").text
