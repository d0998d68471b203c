"""Who is in which fold."""

from __future__ import annotations

import hashlib

from servicequal.contact import Contact


def fold_of(contact: Contact, folds: int) -> int:
    """Give the fold of a contact: a hash of its case, else its customer, else its id, so that it never changes.

    Example:
        >>> from servicequal.contact import Turn
        >>> fold_of(Contact("c-1", "chat", (Turn("customer", "Hi"),)), 5)
        2
    """
    key = contact.attributes.get("case") or contact.attributes.get("customer") or contact.id
    return int(hashlib.sha256(str(key).encode()).hexdigest(), 16) % folds
