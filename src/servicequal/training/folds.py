"""Who is in which fold."""

from __future__ import annotations

import hashlib

from servicequal.contact import Contact, group_of


def fold_of(contact: Contact, folds: int) -> int:
    """Give the fold of a contact: a hash of its case, else its customer, else its id, so that it never changes.

    Example:
        >>> from servicequal.contact import Turn
        >>> fold_of(Contact("c-1", "chat", (Turn("customer", "Hi"),)), 5)
        2
    """
    return int(hashlib.sha256(group_of(contact.attributes, contact.id).encode()).hexdigest(), 16) % folds
