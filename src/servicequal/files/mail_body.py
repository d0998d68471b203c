"""A mail's bytes → its text: plain rather than HTML, attachments left out, charsets mended."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from email.policy import default

from servicequal.errors import ContactError
from servicequal.files.html_text import html_to_text
from servicequal.files.mail_headers import MALFORMED


def read_body(raw: bytes) -> str:
    r"""Read the text of a mail.

    Raises:
        ContactError: if its parts cannot be told apart.

    Example:
        >>> read_body(b"Content-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe")
        'Grüße'
    """
    try:
        return _text(message_from_bytes(raw, policy=default))
    except MALFORMED as error:
        raise ContactError(f"a mail that cannot be parsed ({type(error).__name__}); expected MIME") from None


def _text(part: Message) -> str:
    kind = part.get_content_type()
    if part.get_content_disposition() == "attachment" or kind.startswith("message/"):
        return ""
    if kind == "text/plain":
        return _decoded(part)
    if kind == "text/html":
        return html_to_text(_decoded(part))
    children = [child for child in part.get_payload() if isinstance(child, Message)] if part.is_multipart() else []
    if kind == "multipart/alternative":
        children.sort(key=lambda child: child.get_content_type() != "text/plain")
    texts = [text for text in map(_text, children) if text.strip()]
    return "\n\n".join(texts[:1] if kind == "multipart/alternative" else texts)


def _decoded(part: Message) -> str:
    """Decode by the declared charset, else as UTF-8, else as Windows-1252; NULs are dropped."""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1252", "latin-1"):
        try:
            text = raw.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return ""
