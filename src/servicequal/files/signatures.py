"""Cut what a mail program or a legal department puts below a mail; the closing and the name stay, they are courtesy."""

from __future__ import annotations

import re

_DEVICE = re.compile(
    r"(?:Sent from (?:my |Mail for |Outlook|Yahoo|Samsung)|Sent via |Get Outlook for "
    r"|Outlook für .{2,20} (?:beziehen|laden)"
    r"|Von meine[mr] .{2,40} gesendet|(?:Diese Nachricht wurde )?Gesendet (?:von|mit|über) "
    r"(?:meine|Mail|Outlook|der|Yahoo)"
    r"|Wysłan[eoya] (?:z|ze|za pomocą) |Pobierz (?:aplikację )?Outlook)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\W*(?:(?:This|The information in this) (?:e-?mail|message|communication)\b.{0,80}"
    r"\b(?:confidential|intended|privileged)"
    r"|Confidentiality not|Disclaimer\b\W*$|Please consider the environment|Privileged and confidential"
    r"|Diese (?:E-?Mail|Nachricht)\b.{0,80}\b(?:vertraulich|ausschließlich für)|Vertraulichkeitshinweis"
    r"|Der Inhalt dieser (?:E-?Mail|Nachricht) ist|Bitte denken Sie an die Umwelt"
    r"|(?:Niniejsza|Ta) (?:wiadomość|korespondencja)\b.{0,80}\b(?:poufn|przeznaczon|zastrzeżon)"
    r"|Informacje zawarte w t(?:ej|ym) |Treść (?:tej|niniejszej) wiadomości|Klauzula poufności"
    r"|Administratorem .{0,40}danych osobowych)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\W*(?:(?:mit )?(?:freundliche|beste|viele|liebe|herzliche|schöne|sonnige|freundl\.)[nrm]?\s+(?:grü(?:ß|ss)|gruß)"
    r"|(?:beste|liebe|viele) wünsche|hochachtungsvoll|(?:mfg|lg|vg)\b|(?:vielen|besten|herzlichen) dank\b"
    r"|(?:kind |best |warm )?regards\b|best wishes|(?:yours )?(?:sincerely|faithfully|truly)\b|(?:many |with )?thanks\b"
    r"|thank you\b|cheers\b|all the best|best,|z (?:poważaniem|wyrazami szacunku|pozdrowieniami)|łączę pozdrowienia"
    r"|(?:serdecznie )?pozdrawiam|pozdrowienia\b)",
    re.IGNORECASE,
)
_ADDRESS_LINE = re.compile(
    r"(?:^|\W)(?:tel|fon|telefon|phone|mobil|mobile|kom|fax|faks|e-?mail|web|internet|www|https?|hrb|ust-?id|vat|nip"
    r"|regon|krs|geschäftsführ\w*|vorstand|amtsgericht|registergericht"
    r"|sitz der gesellschaft|registered|gmbh|s\.a|sp\. z o"
    r"|ltd|inc|llc|ag|kg|ul|al)\b|@[\w-]+\.\w|\+\d{2}[\d\s()/-]{6,}|\b0\d{2,4}[\s/-]\d{3,}"
    r"|\b\d{5}\s+[A-ZÄÖÜ]|\b\d{2}-\d{3}\s+[A-ZŁŚŻ]|\w(?:str\.|straße|strasse| Street| Road| Avenue)",
    re.IGNORECASE,
)
_REGISTER = re.compile(r"\b(?:hrb|geschäftsführ|amtsgericht|krs|nip|regon|ust-?id|vat|registered)", re.IGNORECASE)
_AFTERWORD = re.compile(r"\W*(?:P\.?\s?S\b|PPS\b)", re.IGNORECASE)
_CLOSING_LENGTH, _NAME_LENGTH, _SIGNATURE_LINES, _FEW_WORDS = 70, 50, 20, 4


def cut_signature(text: str) -> str:
    r"""Cut signatures, device lines, disclaimers and the address block after a closing.

    Example:
        >>> cut_signature("Ihr Paket kommt.\n\nMit freundlichen Grüßen\nAnna Berg\n\nVoltana GmbH\nTel. 030 1234")
        'Ihr Paket kommt.\n\nMit freundlichen Grüßen\nAnna Berg'
        >>> cut_signature("Thanks!\n\nSent from my iPhone")
        'Thanks!'
    """
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)  # a mail does not begin with its signature
    end = next((at for at in range(first + 1, len(lines)) if _ends_at(lines[at], len(lines) - at)), len(lines))
    lines = [line for line in lines[:end] if not _DEVICE.match(line.strip())]
    return "\n".join(_without_address(lines)).strip()


def _ends_at(line: str, remaining: int) -> bool:
    """Tell a signature mark, or where a legal notice begins."""
    if line.strip() == "--":
        return line == "-- " or remaining < _SIGNATURE_LINES
    return _LEGAL.match(line[:300]) is not None


def _without_address(lines: list[str]) -> list[str]:
    """Cut the address block that follows the last closing and the name; a postscript stays."""
    closing = max((at for at, line in enumerate(lines) if _is_closing(line)), default=None)
    if closing is None:
        return lines
    start = next((at for at in range(closing + 1, len(lines)) if _ADDRESS_LINE.search(lines[at][:200])), None)
    if start is None or any(len(line) > _NAME_LENGTH for line in lines[closing + 1 : start]):
        return lines
    end = next((at for at in range(start, len(lines)) if _AFTERWORD.match(lines[at])), len(lines))
    if any(_is_sentence(line) for line in lines[start:end]):
        return lines
    return lines[:start] + ([""] if end < len(lines) else []) + lines[end:]


def _is_sentence(line: str) -> bool:
    """Tell what somebody says from an address, where words begin with capitals, and from a company's register entry."""
    words = [word for word in line.split() if word[0].islower()]
    return len(words) > _FEW_WORDS and not _REGISTER.search(line)


def _is_closing(line: str) -> bool:
    return len(line) <= _CLOSING_LENGTH and _CLOSING.match(line) is not None
