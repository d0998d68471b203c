"""Persons as mails name them: addresses, and the names displayed beside these."""

from __future__ import annotations

import re

_ADDRESS = r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+"
_ADDRESSES = re.compile(_ADDRESS)
_NAMED = re.compile(
    rf'(?:"([^"]{{1,80}})"|([^<>()\[\]",;]{{1,80}}))\s{{0,5}}[<\[(]{{1,2}}(?:mailto:)?({_ADDRESS})', re.IGNORECASE
)
_AROUND = " \t\"'<>[]()*,;"


def person(text: str) -> str | None:
    """Take the address, or else the name, from what names a person.

    Example:
        >>> person('"Anna Nowak" <Anna@Shop.pl>'), person(" Nowak, Anna "), person("")
        ('anna@shop.pl', 'Nowak, Anna', None)
    """
    if address := _ADDRESSES.search(text):
        return address[0].lower()
    return text.strip(_AROUND) or None


def addresses(text: str) -> list[str]:
    """Find all addresses in a header.

    Example:
        >>> addresses("Voltana, Help <Help@voltana.de>, anna@web.de")
        ['help@voltana.de', 'anna@web.de']
    """
    return [address.lower() for address in _ADDRESSES.findall(text)]


def names_displayed(text: str) -> dict[str, str]:
    """Find the names before addresses in a header; an address that stands for a name is none.

    Example:
        >>> names_displayed('"Nowak, Anna" <Anna@Shop.pl>; jan@wp.pl; Ewa [mailto:ewa@wp.pl]; a@b.de <a@b.de>')
        {'anna@shop.pl': 'Nowak, Anna', 'ewa@wp.pl': 'Ewa'}
    """
    found: dict[str, str] = {}
    for quoted, bare, address in _NAMED.findall(text):
        name = (quoted or bare).strip(_AROUND)
        if name and "@" not in name:
            found.setdefault(address.lower(), name)
    return found


def without_addresses(text: str) -> str:
    """Leave addresses out.

    Example:
        >>> without_addresses("On 3 May 2026, Anna <anna.12.5.09@shop.de> wrote:")
        'On 3 May 2026, Anna <> wrote:'
    """
    return _ADDRESSES.sub("", text)
