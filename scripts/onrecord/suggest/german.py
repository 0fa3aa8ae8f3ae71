"""German words: reporting verbs, the subjunctive of reported speech, and the tag of a word.

The sister of `english`; `german_quotes` has the rules. The words are from general knowledge of the
language, not drawn from any corpus.
"""

from __future__ import annotations

from onrecord.suggest.words import words

_WHOLE = """
    sagt sagte sagten sagen gesagt erklärt erklärte erklärten erklären berichtet berichtete
    berichteten berichten meldet meldete meldeten melden gemeldet betont betonte betonten betonen
    behauptet behauptete behaupteten behaupten meint meinte meinten meinen gemeint glaubt glaubte
    glaubten glauben geglaubt bestätigt bestätigte bestätigten bestätigen versichert versicherte
    versicherten versichern äußert äußerte äußerten äußern geäußert warnt warnte warnten warnen
    gewarnt schreibt schrieb schrieben schreiben geschrieben fordert forderte forderten fordern
    gefordert verlangt verlangte verlangten verlangen verspricht versprach versprachen versprechen
    versprochen kritisiert kritisierte kritisierten kritisieren bezeichnet bezeichnete
    bezeichneten bezeichnen nennt nannte nannten nennen genannt spricht sprach sprachen gesprochen
    antwortet antwortete antworteten geantwortet ergänzt ergänzte ergänzten erwidert erwiderte
    erwiderten entgegnet entgegnete entgegneten dementiert dementierte dementierten dementieren
    bestreitet bestritt bestritten bestreiten vermutet vermutete vermuteten vermuten hofft hoffte
    hofften hoffen gehofft erwartet erwartete erwarteten erwarten befürchtet befürchtete
    befürchteten befürchten fragt fragte fragten fragen gefragt schätzt schätzte schätzten
    schätzen geschätzt argumentiert argumentierte argumentierten argumentieren begründet
    begründete begründeten begründen beschuldigt beschuldigte beschuldigten beschuldigen droht
    drohte drohten gedroht kommentiert kommentierte kommentierten rechnet rechnete rechneten
    beklagt beklagte beklagten beklagen empfiehlt empfahl empfahlen empfohlen unterstreicht
    unterstrich unterstrichen verkündet verkündete verkündeten verkünden erzählt erzählte
    erzählten erzählen erinnert erinnerte erinnerten informiert informierte informierten beteuert
    beteuerte beteuerten prognostiziert prognostizierte prognostizierten plädiert plädierte
    plädierten appelliert appellierte appellierten urteilt urteilte urteilten geurteilt entschied
    entschieden entscheidet beschloss beschlossen beschließt lautet lautete lauteten hieß heißt
    denkt dachte dachten gedacht findet fand fanden angab angaben mitteilte mitteilten mitteilt
    ankündigte ankündigten ankündigt hinwies hinwiesen hinweist einräumte einräumten hinzufügte
    feststellte klarstellte aufforderte aufforderten vorwarf vorwarfen zugab bekanntgab
    verwies verwiesen verweist verlautete verlautet zitiert zitierte zitierten zitieren beschreibt
    beschrieb beschrieben erläutert erläuterte erläuterten rät riet rieten bemängelt bemängelte
    mahnt mahnte lobt lobte bekräftigt bekräftigte bekräftigten verteidigt verteidigte mitgeteilt
    angegeben bekanntgegeben angekündigt hingewiesen eingeräumt hinzugefügt ausgeführt
    festgestellt klargestellt aufgerufen zugegeben zugesagt zugesichert vorgeworfen vorgeschlagen
    ausgesagt aufgefordert
"""
"""Forms that report as they stand."""
_PARTED = {
    "zeigte zeigten": "überzeugt",
    "teilt teilte teilten": "mit",
    "gab gaben gibt geben": "an bekannt zu",
    "kündigt kündigte kündigten": "an",
    "weist wies wiesen": "hin zurück",
    "räumt räumte räumten": "ein",
    "fügt fügte fügten": "hinzu an",
    "führt führte führten": "aus an",
    "stellt stellte stellten": "fest klar",
    "ruft rief riefen": "auf",
    "geht ging gingen gehen": "aus",
    "sieht sah sahen": "voraus",
    "wirft warf warfen": "vor",
    "drückt drückte drückten": "aus",
    "schlägt schlug schlugen": "vor",
    "legt legte legten": "dar nahe fest",
    "fährt fuhr fuhren": "fort",
    "bietet bot boten": "an",
    "schließt schloss schlossen": "aus",
}
"""Forms that report with one of these words in the sentence: "teilte … mit"."""
VERBS = dict.fromkeys(_WHOLE.split(), "") | {
    form: parts for forms, parts in _PARTED.items() for form in forms.split()
}
"""Form -> the words one of which it needs beside it, "" for none."""
NAMING = words(
    """bezeichnet bezeichnete bezeichneten nennt nannte nannten spricht sprach sprachen kritisiert
    kritisierte kritisierten"""
)
HOLDS = words("vertritt vertrat vertraten vertreten äußert äußerte teilt teilte erhob")
ASKING = {"fordert", "forderte", "forderten", "verlangt", "verlangte", "verlangten", "gefordert"}
# Konjunktiv I, and the forms that stand in for it where it looks like the indicative.
REPORTED = words(
    """sei seien habe werde würde würden könne müsse solle wolle dürfe möge gebe gehe komme stehe
    liege lasse mache nehme halte bleibe führe wisse sehe finde brauche gelte handle bestehe
    bekomme erhalte zeige trage bringe helfe fehle wäre wären hätte hätten könnten müssten
    sollten dürften bedeute entspreche gehöre laufe spreche tue verfüge verstoße ziehe"""
)
SOURCES = words(
    """angaben angabe aussage aussagen informationen information einschätzung auffassung ansicht
    meinung worten berichten bericht darstellung mitteilung medienberichten meldungen
    erkenntnissen agenturmeldungen zeugenaussagen presseberichten schätzungen schätzung
    auskunft polizeiangaben augenzeugenberichten überzeugung"""
)
SOURCE_ENDS = ("angaben", "berichten", "informationen", "meldungen", "aussagen", "kreisen")
VIEWS = words(
    """ansicht meinung auffassung überzeugung standpunkt einschätzung hoffnung begründung vorwurf
    forderung ergebnis schluss verdacht these erkenntnis aussage versprechen ankündigung"""
)
"""Nouns that a clause with "dass" gives the content of: "ist der Meinung, dass"."""
FINITE = (
    words(
        """ist sind war waren hat haben hatte hatten wird werden wurde wurden kann können
    konnte konnten muss müssen musste mussten soll sollen sollte sollten will wollen
    wollte wollten darf dürfen mag gibt gab geht ging kommt kam steht stand bleibt blieb
    lässt ließ"""
    )
    | REPORTED
)
MONTHS = words(
    """januar februar märz april mai juni juli august september oktober november dezember
    jahrhundert jahrhunderts"""
)
DETERMINERS = words(
    """der die das den dem des ein eine einen einem einer eines kein keine keinen keinem sein seine
    seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere mein meine dieser diese dieses
    diesen diesem jener jene beide alle viele einige mehrere zwei drei vier fünf sechs zehn"""
)
PRONOUNS = words("er sie es wir ich man dieser diese jemand niemand ihm ihn ihnen ihr sich")
PREPOSITIONS = words(
    """in im an am auf aus bei beim mit nach von vom zu zum zur für gegen über unter vor zwischen
    durch um ohne seit wegen während trotz laut gegenüber hinter neben innerhalb außerhalb
    ab bis per pro seitens"""
)
TAGS: dict[str, str] = {}
for _letter, _words in (
    ("V", VERBS), ("X", FINITE), ("I", PREPOSITIONS), ("P", PRONOUNS), ("D", DETERMINERS),
    ("C", {"und", "oder", "aber", "sondern", "denn", "doch"}),
    ("S", words("dass daß ob weil wenn als wie wer was wo warum obwohl nachdem bevor damit")),
    ("R", words(
    """auch dann nun jetzt heute gestern morgen zudem weiter ferner außerdem daraufhin dazu darüber
    hierzu darin hierin nicht noch schon nur jedoch allerdings hingegen dabei darauf davon dort hier
    unterdessen inzwischen zuvor bereits mehrfach zugleich gleichzeitig demnach so"""
)),
):  # fmt: skip
    for _word in _words:
        TAGS.setdefault(_word, _letter)
