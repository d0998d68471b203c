"""Who wrote the letters of a mail thread: addresses for all that lack one, and the names displayed beside these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from servicequal.files.letters import Letter


def names_among(letters: Sequence[Letter]) -> dict[str, str]:
    """Collect the names displayed, by address: a writer's own before what others write, the earlier before the later.

    Example:
        >>> answer = Letter("Hello!", "a@shop.de", names={"a@shop.de": "Anna Berg", "b@web.de": "Bo"})
        >>> names_among([Letter("Hi", "b@web.de", names={"a@shop.de": "Service"}), answer])
        {'b@web.de': 'Bo', 'a@shop.de': 'Anna Berg'}
    """
    told = [(address, name, address == letter.sender) for letter in letters for address, name in letter.names.items()]
    own = {address: name for address, name, is_own in reversed(told) if is_own}
    return {address: name for address, name, _ in reversed(told)} | own


def with_senders(letters: Sequence[Letter]) -> list[Letter]:
    """Give an address to a letter that has a name or nothing: by name, else it takes turns with its neighbour.

    Example:
        >>> asked, answered = Letter("Hi", "Bo Lind"), Letter("Hello!", "a@shop.de", ("b@web.de",))
        >>> asked = with_senders([asked, answered])[0]
        >>> asked.sender, asked.names
        ('b@web.de', {'b@web.de': 'Bo Lind'})
    """
    names = names_among(letters)
    by_name = {name.casefold(): address for address, name in names.items()}
    found = [replace(letter, sender=by_name.get((letter.sender or "").casefold(), letter.sender)) for letter in letters]
    for order in (range(len(found) - 2, -1, -1), range(1, len(found))):
        step = 1 if order.step < 0 else -1
        for at in order:
            if not is_address(found[at].sender):
                found[at] = _sent_by(_other(found[at], found[at + step], found), found[at], names)
    return found


def is_address(name: str | None) -> bool:
    """Tell an address from a name."""
    return name is not None and "@" in name


def _sent_by(sender: str | None, letter: Letter, known: Mapping[str, str]) -> Letter:
    """Give a letter its sender's address; the name that stood there stays the sender's, unless another is known."""
    if sender and letter.sender and is_address(sender) and sender not in known:
        return replace(letter, sender=sender, names={**letter.names, sender: letter.sender})
    return replace(letter, sender=sender)


def _other(letter: Letter, neighbour: Letter, letters: Sequence[Letter]) -> str | None:
    """Who wrote the letter beside this one's neighbour: one of its recipients, else the only other writer."""
    others = [name for name in neighbour.recipients if is_address(name)]
    others += [each.sender for each in letters if each.sender and is_address(each.sender)]
    return (
        next((name for name in others if name != neighbour.sender), letter.sender)
        if neighbour.sender
        else letter.sender
    )
