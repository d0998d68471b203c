"""Who of the writers of a mail thread is the agent: by offices' addresses, by companies' and private domains."""

from __future__ import annotations

from collections.abc import Collection

_SERVICE = frozenset(
    """service services support help helpdesk care customercare customerservice customersupport hotline desk
    kundenservice kundendienst kundenbetreuung kundenhilfe kunden hilfe reklamation retoure retouren bestellung
    bok biuroobslugi obsluga obslugaklienta pomoc reklamacje zwroty zamowienia serwis infolinia noreply donotreply
    orders order returns claims complaints""".split()
)
_OFFICE = frozenset("info kontakt contact office mail hello hallo hi team sales shop sklep biuro post booking".split())
_PRIVATE = frozenset(
    """gmail googlemail gmx web t-online freenet outlook hotmail live msn yahoo icloud me aol posteo mailbox proton
    protonmail wp onet op o2 interia poczta tlen gazeta vp arcor online-home""".split()
)


def agents_among(addresses: Collection[str], first: str | None) -> frozenset[str] | None:
    """Find the agents' addresses; None if no address tells.

    Args:
        addresses: of all writers and recipients.
        first: who wrote the thread's first letter: of two offices, the one with the concern.

    Example:
        >>> sorted(agents_among({"anna@web.de", "help@shop.de", "berg@shop.de"}, "anna@web.de"))
        ['berg@shop.de', 'help@shop.de']
        >>> agents_among({"anna@firm.de", "berg@shop.de"}, "anna@firm.de")
    """
    for words in (_SERVICE, _OFFICE):
        domains = {_domain(address) for address in addresses if _is_office(address, words)}
        if len(domains) > 1:
            domains -= {_domain(first or "")}
        if domains:
            return frozenset(
                address
                for address in addresses
                if _domain(address) in domains and (not _is_private(address) or _is_office(address, words))
            )
    companies = {address for address in addresses if not _is_private(address)}
    return frozenset(companies) if companies and companies != addresses else None


def company_of(agents: Collection[str]) -> str | None:
    """Name the company by its agents' domain, if they share one that is not a private mail provider's.

    Example:
        >>> company_of({"help@shop.co.uk", "anna@shop.co.uk"})
        'shop'
    """
    names = {_domain(address).partition(".")[0] for address in agents if not _is_private(address)}
    return names.pop() if len(names) == 1 else None


def _domain(address: str) -> str:
    """Cut an address to the registered domain, near enough: shop.example.co.uk → example.co.uk."""
    pieces = address.rpartition("@")[2].split(".")
    second_level = len(pieces) > 2 and pieces[-2] in ("co", "com", "org", "net", "gov", "edu", "ac")
    return ".".join(pieces[-3 if second_level else -2 :])


def _is_office(address: str, words: frozenset[str]) -> bool:
    local = address.partition("@")[0].partition("+")[0]
    pieces = local.replace("-", ".").replace("_", ".").split(".")
    return local.replace("-", "").replace(".", "").replace("_", "") in words or not words.isdisjoint(pieces)


def _is_private(address: str) -> bool:
    return _domain(address).partition(".")[0] in _PRIVATE
