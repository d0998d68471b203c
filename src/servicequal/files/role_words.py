"""Words that name a role in a transcript's speaker label: English, German, Polish."""

from __future__ import annotations

import re

_SYSTEM = frozenset(
    """system ivr bot chatbot voicebot automat automatic automated announcement notification narrator ansage automatisch
    bandansage sprachcomputer hinweis komunikat powiadomienie zapowiedź lektor""".split()
)
_AGENT = frozenset(
    """agent agents advisor adviser assistant associate clerk consultant csr employee helpdesk hotline operator rep
    representative salesperson seller specialist staff supervisor support service care teamleader
    agentin assistent assistentin berater beraterin beratung betreuer betreuerin kundenberater kundenberaterin
    kundenbetreuer kundenbetreuerin kundendienst kundenservice mitarbeiter mitarbeiterin mitarbeitende sachbearbeiter
    sachbearbeiterin servicemitarbeiter servicemitarbeiterin teamleiter teamleiterin verkäufer verkäuferin
    agentka asystent asystentka bok doradca doradczyni konsultant konsultantka kierownik kierowniczka obsługa obsługi
    operatorka pracownik pracowniczka pracownica serwis sprzedawca sprzedawczyni infolinia""".split()
)
_CUSTOMER = frozenset(
    """customer client caller user visitor guest buyer shopper consumer subscriber complainant
    kunde kundin kund anrufer anruferin anrufende besucher besucherin gast interessent interessentin käufer käuferin
    nutzer nutzerin teilnehmer teilnehmerin
    klient klientka abonent abonentka dzwoniący dzwoniąca gość kupujący kupująca nabywca rozmówca użytkownik
    użytkowniczka""".split()
)


def speaker_of(label: str) -> str | None:
    """Read the role from a speaker label; None if it names none.

    Example:
        >>> [speaker_of(label) for label in ("Agent (Anna)", "KUNDIN 2", "Obsługa klienta", "IVR", "Anna Kowalska")]
        ['agent', 'customer', 'agent', 'system', None]
    """
    words = re.findall(r"[^\W\d_]+", label.casefold())
    if len(words) > 5:
        return None
    for role, known in (("system", _SYSTEM), ("agent", _AGENT), ("customer", _CUSTOMER)):
        if not known.isdisjoint(words):
            return role
    return None
