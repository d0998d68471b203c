"""The errors a caller may want to catch, as one tree.

    ServicequalError
    ├── ContactError       a file or contact cannot be read
    ├── SchemeError        a rating scheme contradicts itself
    ├── KnowledgeError     a reference or a case cannot be read
    ├── AnnotationError    an annotation names nothing known
    ├── BundleError        a trained scorer cannot be read or written
    └── MissingExtraError  an optional library is not installed

A message says where, what was found, what was expected and what to do; it never quotes a customer's text.
Programming mistakes stay ``TypeError`` and ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ServicequalError(Exception):
    """Base of all errors that a user's input or set-up can cause."""


class ContactError(ServicequalError):
    """A file or a contact cannot be read."""


class SchemeError(ServicequalError):
    """A rating scheme contradicts itself."""


class KnowledgeError(ServicequalError):
    """A reference or a case cannot be read."""


class AnnotationError(ServicequalError):
    """An annotation names nothing known."""


class BundleError(ServicequalError):
    """A trained scorer cannot be read or written."""


class MissingExtraError(ServicequalError):
    """An optional library is not installed."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Say what a mistyped name may have meant.

    Example:
        >>> nearest("emphaty", ["empathy", "courtesy"])
        "did you mean 'empathy'?"
        >>> nearest("zzz", ["empathy", "courtesy"])
        'expected one of: courtesy, empathy'
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"expected one of: {', '.join(names)}"
