"""What pages say about themselves: the lexicon by which lines of the page are told.

Patterns over single lines in normal form, in English. Every rule in `GUESSES` goes by the looks
of the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain, compress
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from onrecord.articles.bylines import CREDIT_LABEL

ENDS = ".!?…。！？｡।॥۔؟։።။។"
"""What ends a sentence, in any script."""

FULL_STOPS = tuple(".。｡।॥۔።။។")
"""What ends a sentence that neither asks nor cries."""

UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""A letter of a script that sets no blanks between words."""

STOPS = frozenset(ENDS + ":")
_LAST = STOPS | frozenset(",])\"'”’»“‘」』）")
PROSE_WORDS = 8
LONG_LINE = 40
"""Words from which on a line is prose even if it does not end like a sentence."""

TITLE_WORDS = 30
CAPITALS = 0.65
"""A short line with a greater share of capital letters is set like a title, and no prose."""

_CLOSING = "\"'”’"
_SAYS = re.compile(r"""[a-z][.!?]["”]? (?:And|But|So|The|It|He|She|We|They) [a-z].*[.!?]$""")
_SENTENCE_END = re.compile(rf"""[{ENDS}:][\])"'”’»“‘」』）]*$|[.!?,]["'”’»]$|["”»]$""")

# --- what pages say about themselves ----------------------------------------------------------

REASONS = {
    "repeated": "it stands in other articles of the publisher",
    "again": "it stands in the page more than once",
    "control": "a button, a menu entry or a notice of the page",
    "widget": "a note of a form, a player or an embed",
    "cookies": "a cookie notice",
    "account": "an invitation to subscribe, sign in or read on",
    "newsletter": "a newsletter box",
    "appeal": "an appeal for support",
    "offer": "an offer of the page: something to hear, to watch or to buy",
    "links": "links to other pages",
    "comments": "a prompt to comment",
    "post": "a post of a social network, set into the page",
    "feedback": "a question to the reader about the page",
    "imprint": "the page's imprint",
    "author": "it says who the author is",
    "byline": "the byline, kept in authors",
    "date": "the date line, kept in date_published or dateline",
    "dateline": "the dateline, kept in dateline",
    "credit": "a credit, kept in credit",
    "bullet": "the mark of a point in a list",
    "code": "it is text for machines",
    "block": "it stands in one block with lines of the page",
    "before-headline": "it stands before the headline",
    "before-body": "it stands between headline and text and is neither deck nor caption",
    "behind-text": "it stands behind the last sentence",
    "lines": "it has more lines than an article",
    "empty": "nothing is left of it in normal form",
}
"""Rule -> reason, as `removed` carries them."""

GUESSES = set(REASONS) - {"byline", "date", "dateline", "credit", "bullet", "empty"}

# Rule -> whole lines, in the order in which they are tried.
_WHOLE: dict[str, list[str]] = {
    "control": [
        r"×|x|✕|☰|\W+",
        r"(menu|search|home|share|save|print|e-?mail|copy link|facebook|twitter|whatsapp|x"
        r"|linkedin|reddit|telegram|close|skip|listen|advertisement|advert|ad|sponsored"
        r"|continue|next|previous|back to top|loading.*|follow us.*"
        r"|share (this|on|via|or comment on this)\b.*)",
        r"skip to (main )?content|(view|play|watch)( the)? video|cc|off|english|watch|live|mute",
        r"((facebook|twitter|e-?mail|reddit|link|linkedin|whatsapp|pinterest|x|copy)\W*){2,}",
        r"(\w[\w ]*[/>›»|·]\s*){2,}\w[\w ]*",
    ],
    # What stands there for a machine's sake, or where something could not be shown.
    "widget": [
        r"(to (view|watch|play|hear) this \w+,? )?please (enable|use|try|check) .{0,30}"
        r"\b(browser|javascript|again|later)\b.{0,60}",
        r"(your|this) browser (does not|doesn[’']t|cannot|can[’']t)\b.{0,80}",
        r"something went wrong\b.{0,60}",
        r"this field is (required|for validation)\b.{0,60}",
        r"this content (can|could|may)( also| not)? be (viewed|loaded|displayed|shown)\b.{0,60}"
        r"|this content is (not available|unavailable|hosted)\b.{0,80}",
        r"thank(s| you) for (contacting|subscribing|signing up|registering)\b.{0,80}",
        r"add (this )?(articles?|stor(y|ies)) to your (saved|reading)( \w+)? lists?\b.{0,60}",
        r"((facebook|twitter|e-?mail|share|tweet|pin|print|save|comment)\W*){2,}",
        r"read or share (this|on|via)\b.{0,100}",
    ],
    "cookies": [
        r"(accept|reject|allow|manage)( all| my)?( cookies| choices| preferences| settings)?",
    ],
    "newsletter": [
        r"(enter )?your e-?mail( address)?",
        r"(sign (me )?up|subscribe)( now| here| today| free)?[.!]?",
        r".{0,40}\bnewsletters?",
    ],
    "account": [
        r"(log|sign) ?(in|out|on)\b.{0,60}",
        r"register( now| for free)?",
        r"subscribe\b.{0,50}",
    ],
    "appeal": [
        r"(please )?(support|donate|contribute|give)( now| today| us| here| once)?[.!]?",
        r"(once|one[- ]time|one[- ]off|monthly|annual|annually|yearly|every month)",
        r"pai?y?ments? methods?",
        r"(not ready to support|no thanks|remind me later|maybe later).{0,30}",
        r"dear (readers?|neighbou?rs?|friends?|supporters?|members?),?",
        r"(a|an) (message|note|appeal|letter) from\b.{0,60}:?",
        r"why (we are|we're|we’re) asking\b.{0,20}",
    ],
    "links": [
        r"(read|see|watch|listen|find out) (more|next|also|on)\b.{0,80}",
        r"(most|more) (read|popular|viewed|shared|stories|news|headlines|from|in|on|like)\b.{0,40}",
        r"(related|trending|recommended|popular|latest|top|suggested)( \w+){0,2}:?",
        r"(you (may|might) also like|don[’']t miss|in this story|editor[’']s? picks?"
        r"|what to read next|up next)\b.{0,30}",
        r"(tags?|topics?|filed (under|in)|keywords?|categor(y|ies)):?(\s.{0,120})?",
        r"\W?(related|also read|read (also|more|next))( \w+)?:.{2,200}",
    ],
    "comments": [
        r"(new, )?(\d+ )?(comments?|leave a comment|have your say"
        r"|join the (conversation|discussion))\b.{0,90}",
        r"comments are (closed|off)\b.{0,60}",
        r"(show|view|post|read|write)( a| all| the)? comments?( \(\d+\))?",
    ],
    "feedback": [
        r"(was|is|did you find) this (page|article|story|content|explainer|guide)"
        r" (helpful|useful).{0,10}",
        r"thanks?( you)? for your (feedback|rating|vote).{0,10}|tell us why.{0,5}",
    ],
    "imprint": [r"(contact|about) (us|the newsdesk|the newsroom)"],
}

# The same, but only for lines that do not end like a sentence.
_LABELS: dict[str, list[str]] = {
    "offer": [
        r"(play|hear|listen to|watch) (this|the|our|all)( \w+){0,2}"
        r" (episode|podcast|show|piece|story|article)s?\b.{0,40}",
        r"add to (basket|cart|bag|wish ?list)",
    ],
    "control": [
        r"(view|buy|shop|get|check price|order|see|try|watch|stream|read)\b.{0,60} (on|at|from)"
        r" [A-Z]\S*( \S+){0,3}",
        r"(try|buy|shop|order|book|join|visit|watch|enter|donate|apply)\b.{0,30} (now|here|today)",
        r"(view|show|see|load|expand|hide|open)( \w+){0,2} (all|more|less|full|here|gallery)\b"
        r".{0,40}",
        r"(click|tap|swipe|scroll) \w+ (to|for)\b.{0,60}",
        r"(click|tap) to\b.{0,100}",
        r"\d{1,2}(:\d\d){1,2}",
        r"(install|download|get) (the|our) .{0,40}\bapps?\b.{0,40}|be the first to\b.{0,60}",
        r"(copied|submit|reply|report|expand|collapse|pause|play|mute|subtitles|tweet|comment|post"
        r"|pin|pinterest|instagram|youtube|sms|close\W*|by|author|advertising|ads?\W+.{0,20})\W*",
        r"\d+[ -]*min(ute)?s?\b( read| watch| listen)?",
        r"\d[\d,.]*k? (shares?|views?|likes?|votes?|retweets?|following|followers?)\b.{0,20}",
        r"(about )?(\d+|an?) ?(s|secs?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|y"
        r"|years?) ago\b.{0,30}",
        r"\d+ ?(of|/) ?\d+\W*",
        r"skip (to|past|ahead)\b.{0,40}|jump to\b.{0,40}|after .{0,30} promotion",
        r"(view (this|more) )?(post|content)s? (on|shared by) .{1,60}",
        r"an? (post|video) shared by .{1,60}",
        r".*\b(pic\.twitter\.com|https://t\.co)/\S*",
        r"[—–-] .{2,60}\(@\w{1,30}\).{0,40}|@\w{1,30}",
        r"story continues\b.{0,40}|continue reading\b.{0,40}|this story has been shared\b.{0,40}",
    ],
    "widget": [
        r"(advertisement\W+)?(story|article|page|post|text) continues\b.{0,40}",
        r"(enlarge|toggle|expand|show|hide) ((this|the) )?(image|picture|photo|caption)s?",
        r"(facebook|instagram|tiktok|twitter|x|youtube) (content|embed)",
        r"e-?mail( address)?\W*required\W*",
        r"an? (photo|post|video) (posted|shared) by .{1,80}",
        r"\d+ (images|photos|pictures|slides)|\d{1,2}(:\d\d){1,2}\W+source: .{2,30}",
    ],
    "links": [
        r"(also |please )?(read|see|watch|related|more|recommended|listen|don[’']t miss)"
        r"( more| also| next| here| story| stories| article| coverage)?\s*[-:–—]\s*\S.{2,200}",
        r"(more|most|our|other|explore|discover|recent|latest|related|top|featured|similar"
        r"|recommended|suggested)\b.{0,30}"
        r"\b(stories|posts?|articles?|news|reads?|reading|must[- ]reads?|headlines|topics?|links"
        r"|guides|videos?|content|picks|issue|for you)\b.{0,20}",
        r"(you (may|might|will|could)( also)? (like|enjoy|love)|recently in|in this article"
        r"|see also|also read|read (also|next)|up next|trending now|labels|related topics?"
        r"|sections?)\b.{0,60}",
    ],
    "newsletter": [
        r"sign ?up (to|for|now|here)\b.{0,80}",
        r"join [\d,.]+k? (other )?(readers|subscribers|people)\b.{0,20}",
        r"get .{2,60} (in|to|alerts?|updates?)\b.{0,60}inbox.*",
    ],
    "appeal": [r"support \w+( \w+)?"],
    "account": [r"(subscriber|member)s?[- ]only.{0,20}", r"(subscribe|log in|sign in)\b.{0,80}"],
    "comments": [
        r"(show|view|see|hide|post|read|write|click here to|leave)\b.{0,20}\bcomments?\b.{0,20}"
    ],
    "author": [r"about the (author|writer|contributor)s?\W*"],
    "imprint": [r"copyright\b.{0,80}", r".{0,60}\bprivacy (policy|notice)\b.{0,60}"],
}


class Phrase(NamedTuple):
    """A phrase anywhere in a line. No line without one of the `needles` can hold it."""

    rule: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def _phrase(rule: str, needles: str, pattern: str) -> Phrase:
    return Phrase(rule, tuple(needles.split("|")), re.compile(pattern, re.I))


_PHRASES = [
    _phrase(
        "cookies",
        "cookie",
        r"\b(we|site|website|page)s? (and our partners )?uses? cookies\b"
        r"|\bcookie (policy|settings|preferences|notice)\b|\b(using|enable|allow) cookies\b",
    ),
    _phrase(
        "newsletter",
        "inbox|unsubscribe|mailed to ",
        r"\b(in|to|into) your inbox\b|\bunsubscribe\b"
        r"|\be-?mailed to (me|you) (each|every|daily|weekly)\b",
    ),
    _phrase(
        "newsletter",
        "sign up|subscribe",
        r"\b(sign up|subscribe)\b[^.!?,]{0,60}\b(newsletter|briefing|e-?mails?|alerts?)\b",
    ),
    _phrase(
        "account",
        "article left|articles left|article remaining|articles remaining",
        r"\b(free|remaining) articles? (left|remaining)\b",
    ),
    _phrase(
        "account",
        "already a subscriber|already a member",
        r"\balready a (subscriber|member)\b",
    ),
    _phrase(
        "account",
        "subscribe from|subscribe for|subscribe to ",
        r"\bsubscribe (from|for|to (continue|read))\b",
    ),
    _phrase(
        "account",
        "create a free account|create an account",
        r"\bcreate (a free|an) account\b",
    ),
    _phrase(
        "appeal",
        "ad-free|all ads|pop-up ads|our journalism|independent journalism",
        r"\bad-free\b|\bdisabled all ads\b|\bpop-up ads\b"
        r"|\bour journalism\b|\bindependent journalism\b",
    ),
    _phrase(
        "appeal",
        "your support|your donation|your contribution|your gift",
        r"\byour (support|donation|contribution)s?\b"
        r"|\byour gift (today|now|will|helps?|keeps?|makes?|supports?)\b",
    ),
    _phrase(
        "appeal",
        "support us|support our |fund us|fund our |donate to us|donate to our |back us|back our "
        "|need your",
        r"\b(support|fund|donate to|back) (us|our (work|journalism|reporting|newsroom))\b"
        r"|\bwe need your (help|support)\b",
    ),
    _phrase(
        "appeal",
        "paid subscriber|reader-supported publication",
        r"\bbecom(?:e|ing) a (?:free or )?paid subscriber\b|\ba reader-supported publication\b",
    ),
    _phrase(
        "appeal",
        "chip in|paywall",
        r"\bchip in\b.{0,30}[£$€]\s?\d|\b(?:have|has|with) no paywall\b|\bwithout a paywall\b",
    ),
    _phrase(
        "appeal",
        "favor to ask|favour to ask|keep our ",
        r"\b(small|big) favou?r to ask\b|\bkeep our (news|journalism|reporting|stories) free\b",
    ),
    _phrase(
        "appeal",
        "become a member|become a supporter|become a patron|become a friend",
        r"\bbecome a (member|supporter|patron|friend)\b",
    ),
    _phrase(
        "links",
        "tags:|tags :|topics:|topics :|filed under|filed in|labels:|labels :|categories:"
        "|categories :",
        r"^(tags|topics|filed (under|in)|labels|categories)\s*:",
    ),
    _phrase(
        "links",
        "earn |receive ",
        r"\b(earn|receive) (an? )?((affiliate|small) )?(commissions?|revenue|compensation)\b",
    ),
    _phrase(
        "post",
        "(@",
        r"[—–-] ?[^—–]{2,50}\(@\w{1,30}\) [A-Z][a-z]{2,8} \d{1,2}, \d{4}$",
    ),
    _phrase(
        "links",
        "affiliate advertising program|affiliate program",
        r"\b(participa\w+ in|members? of) (the|an?|various|several)\b.{0,60}"
        r"\baffiliate (advertising )?program",
    ),
    _phrase(
        "control",
        "same content in another format|imported onto this page",
        r"\bfind the same content in another format\b|\band imported onto this page\b",
    ),
    _phrase(
        "account",
        "to continue reading|to keep reading",
        r"\b(sign up|sign in|log in|subscribe|register)\b.{0,40}\bto (continue|keep) reading\b",
    ),
    _phrase(
        "comments",
        "our comments section|comments civil|comments respectful|comments on topic",
        r"\bour comments section\b|\bkeep (your |all )?comments (civil|respectful|on topic)\b",
    ),
    _phrase("comments", "log in|sign in", r"\b(log|sign) in\b.{0,40}\bcomments?\b"),
    _phrase(
        "imprint",
        "icp|公网安备|许可证|版权所有",
        r"ICP[备证]|公网安备\s?\d|许可证(?:编号)?[:：]?\s?\d|版权所有",
    ),
    _phrase(
        "imprint",
        "©|copyright|all rights",
        r"(?<![\w™])©|\bcopyright (\(c\) )?\d{4}\b|\ball rights reserved\b",
    ),
    _phrase(
        "imprint",
        "privacy",
        # A story tells of somebody else's policy at more length than a label, and not of ours.
        r"^(?=.{0,120}$|.*\b(?:you|your|our|we|us)\b).*"
        r"\b(terms\b.{0,40}\bprivacy|privacy\b.{0,40}\b(terms|policy|cookies))\b",
    ),
]


# The same in other languages, a line for each of them: how lines of a page open that do not end
# like a sentence, and whole lines. German, French, Spanish, Portuguese, Italian, Dutch, the three
# of Scandinavia, Polish, Russian and Ukrainian, Turkish, Greek, Indonesian.
_SHARE = ("partager sur", "compartir en", "compartir por")
_SHARE += ("compartilhar no", "condividi su", "deel op", "dela på", "del på")
_NETWORKS = ("facebook", "twitter", "x", "whatsapp", "linkedin", "telegram")
_OPENS_ABROAD: dict[str, tuple[str, ...]] = {
    "links": (
        "lesen sie auch|lesen sie mehr|lesen sie hier|auch interessant|mehr zum thema|mehr dazu"
        "|das könnte sie auch interessieren|das könnte dich auch interessieren|siehe auch"
        "|weitere artikel|weitere themen|weitere meldungen|weitere nachrichten|weitere beiträge"
        "|weiterlesen|mehr anzeigen|mehr laden|mehr lesen|mehr aus|mehr über|ähnliche beiträge"
        "|ähnliche artikel|meistgelesen|meistgelesene|schlagwörter|schlagworte|artikel aus der",
        "à lire aussi|lire aussi|lire également|lire plus|lire la suite|à voir aussi|voir aussi"
        "|sur le même sujet|sur le même thème|dans le même sujet|articles liés"
        "|articles similaires|les plus lus|les plus partagés|tous les articles"
        "|afficher plus|afficher tout|mots-clés",
        "lea también|lee también|leer también|leer más|lea más|ver también|ver más|mira también"
        "|le puede interesar|te puede interesar|también te puede interesar"
        "|también le puede interesar|noticias relacionadas|lo más leído|lo más visto"
        "|últimas noticias|más noticias|etiquetas ?:",
        "leia também|leia mais|veja também|veja mais|saiba mais|notícias relacionadas"
        "|mais lidas|últimas notícias",
        "leggi anche|leggi tutto|leggi di più|guarda anche|potrebbe interessarti"
        "|ti potrebbe interessare|articoli correlati|i più letti|le ultime notizie|ultime notizie",
        "lees ook|lees meer|lees verder|meer over|gerelateerde artikelen|meest gelezen",
        "läs också|läs mer|les også|les mer|læs også|læs mere|relaterade artiklar|mest läst"
        "|mest lest|mest læst",
        "czytaj też|czytaj także|czytaj również|czytaj więcej|zobacz też|zobacz także"
        "|zobacz również|przeczytaj także|najczęściej czytane",
        "читайте также|читайте також|смотрите также|читать далее|читать полностью|самое читаемое"
        "|новости по теме",
        "bunu da okuyun|ayrıca okuyun|ilgili haberler|ilginizi çekebilir|en çok okunanlar"
        "|devamını oku",
        "διαβάστε επίσης|διαβάστε ακόμα|διαβάστε περισσότερα|δείτε επίσης",
        "baca juga|baca selengkapnya|artikel terkait|berita terkait",
    ),
    "account": (
        "jetzt abonnieren|jetzt anmelden|jetzt registrieren|jetzt testen für|bereits registriert"
        "|bereits abonnent|sie haben bereits ein|schon abonnent|hier anmelden|hier einloggen",
        "abonnez-vous|s'abonner|s’abonner|je m'abonne|je m’abonne|déjà abonné|identifiez-vous"
        "|connectez-vous|réservé aux abonnés|article réservé|édition abonnés|créer un compte",
        "suscríbete|suscríbase|suscribirse|inicia sesión|iniciar sesión|regístrate"
        "|ya soy suscriptor|ya soy socio|crear cuenta|hazte socio",
        "assine já|assine agora|já é assinante|faça login|faça seu login|crie sua conta",
        "abbonati ora|abbonati subito|abbonati da|abbonati a|registrati ora"
        "|registrati gratis|accedi|sei già abbonato",
        "word abonnee|abonneer nu|log in om|al abonnee|inloggen om",
        "bli prenumerant|redan prenumerant|bli abonnent|allerede abonnent|prenumerera på",
        "zaloguj się|zarejestruj się|załóż konto|kup dostęp|wykup dostęp",
        "войдите|авторизуйтесь|зарегистрируйтесь|оформить подписку|увійдіть|зареєструйтеся",
        "abone olun|giriş yap|üye ol|kayıt ol",
        "συνδεθείτε|εγγραφείτε|langganan sekarang|sudah berlangganan",
    ),
    "newsletter": (
        "newsletter abonnieren|zum newsletter|unser newsletter|unseren newsletter",
        "recevez nos|recevez notre|inscrivez-vous|notre newsletter",
        "recibe nuestro|recibe nuestra|recibe las noticias|recibe las últimas|boletín de",
        "receba nossa|receba as|receba notícias",
        "iscriviti|ricevi le",
        "schrijf je in|meld je aan|anmäl dig till vårt|prenumerera på vårt|meld deg på|tilmeld dig",
        "zapisz się na|подпишитесь|подписаться|підпишіться|підписатися|bültenimize|e-bültenimize"
        "|εγγραφή στο newsletter|berlangganan buletin|daftar newsletter",
    ),
    "cookies": (
        "alle akzeptieren|alle cookies|cookies akzeptieren|cookie-einstellungen|diese website"
        " verwendet cookies|wir verwenden cookies",
        "tout accepter|tout refuser|accepter et fermer|accepter et continuer"
        "|continuer sans accepter|paramétrer les cookies|gestion des cookies"
        "|nous utilisons des cookies",
        "aceptar todo|aceptar todas|aceptar cookies|rechazar todo|configurar cookies"
        "|política de cookies",
        "aceitar todos|aceitar cookies",
        "accetta tutti|accetta e|rifiuta tutti|gestisci cookie|informativa sui cookie",
        "alles accepteren|cookies accepteren|cookie-instellingen|godkänn alla|godta alle",
        "zaakceptuj wszystkie|polityka cookies|принять все cookie|принять все файлы"
        "|çerez politikası|çerez ayarları|çerezleri kabul",
    ),
    "comments": (
        "kommentar schreiben|kommentare anzeigen|alle kommentare|kommentar verfassen"
        "|schreibe einen kommentar|schreiben sie einen kommentar|dein kommentar|ihr kommentar"
        "|diskutieren sie mit|hier klicken, um das antworten",
        "laisser un commentaire|voir les commentaires|lire les commentaires|poster un commentaire"
        "|réagir à cet|ajouter un commentaire|compléments d'info",
        "deja un comentario|deje un comentario|dejar un comentario|ver comentarios",
        "deixe um comentário|deixe seu comentário|ver comentários",
        "lascia un commento|leggi i commenti|leggi e commenta|partecipa alla discussione",
        "plaats een reactie|reageer op|lämna en kommentar|skriv en kommentar"
        "|legg igjen en kommentar",
        "dodaj komentarz|napisz komentarz|оставить комментарий|добавить комментарий"
        "|залишити коментар|додати коментар|yorum yap|yorum ekle|αφήστε σχόλιο|γράψτε σχόλιο"
        "|tulis komentar|tinggalkan komentar",
    ),
    "control": (
        "zum inhalt|zur navigation|zurück zur startseite|zurück zur übersicht|folgen sie uns"
        "|auf facebook teilen|auf twitter teilen|artikel teilen|seite drucken"
        "|video-seite öffnen|bild vergrößern",
        "aller au contenu|partager cet|partager l'article|suivez-nous|haut de page"
        "|envoyer cet article|envoyer par",
        "síguenos|ir al contenido|volver arriba",
        "compartilhe|siga-nos",
        "seguici|vai al contenuto",
        "deel dit|volg ons|følg oss|följ oss|følg os",
        "udostępnij na|obserwuj nas|поделиться в|поділитися в|подписывайтесь|bagikan ke"
        "|paylaş|facebook'ta paylaş|twitter'da paylaş|x'te paylaş|whatsapp'ta paylaş",
        # `Dela på Facebook`; what else is shared may be a headline's.
        *(f"{share} {network}" for share in _SHARE for network in _NETWORKS),
    ),
    "imprint": (
        "alle rechte vorbehalten|tous droits réservés|todos los derechos reservados"
        "|todos os direitos reservados|tutti i diritti riservati|alle rechten voorbehouden"
        "|wszelkie prawa zastrzeżone|все права защищены|tüm hakları saklıdır",
    ),
}
_SAYS_ALONE: dict[str, tuple[str, ...]] = {
    "control": (
        "anzeige|werbung|teilen|drucken|merken|startseite|suche|menü|schließen|antworten"
        "|zum shop|mehr|zurück|weiter|nach oben|vor \\d+ (?:minuten?|stunden?|tagen?)",
        "publicité|partager|imprimer|accueil|rechercher|recherche|fermer|répondre|suivant"
        "|précédent|il y a \\d+ (?:minutes?|heures?|jours?)",
        "publicidad|compartir|imprimir|inicio|buscar|cerrar|responder|siguiente|anterior"
        "|comentar|etiquetas|hace \\d+ (?:minutos?|horas?|días?)",
        "publicidade|compartilhar|início|fechar|há \\d+ (?:minutos?|horas?|dias?)",
        "pubblicità|condividi|stampa|cerca|chiudi|rispondi|torna su",
        "advertentie|delen|zoeken|sluiten|naar boven",
        "annons|annonse|annonce|reklam|reklama|reklame|sök|søk|søg|stäng|dela|del",
        "udostępnij|szukaj|zamknij|реклама|поделиться|поиск|закрыть|поділитися|пошук|закрити"
        "|ara|kapat|αναζήτηση|κοινοποίηση|διαφήμιση|κλείσιμο|bagikan|cari|iklan|tutup",
        "impressum|datenschutz|datenschutzerklärung|agb|nutzungsbedingungen|kontakt",
        "mentions légales|politique de confidentialité|conditions d'utilisation|nous contacter",
        "aviso legal|política de privacidad|política de privacidade|términos y condiciones"
        "|contacto|normas de uso y aviso legal",
        "note legali|privacy|contatti|colofon|polityka prywatności|контакты|контакти|künye|iletişim"
        "|επικοινωνία|όροι χρήσης|tentang kami|hubungi kami|kebijakan privasi",
    ),
    "account": (
        "anmelden|abmelden|registrieren|abonnieren|einloggen|abo|mein konto|passwort vergessen",
        "se connecter|connexion|mon compte|mot de passe oublié|abonnement",
        "suscribirse|mi cuenta|acceder|entrar|assine|assinar|login",
        "abbonamenti|inloggen|abonneren|logga in|logg inn|log ind|zaloguj|войти|подписка"
        "|увійти|підписка|giriş|σύνδεση|masuk|accedi|abbonati|registrati|üye ol",
    ),
    "comments": (
        "kommentar|kommentare|commentaire|commentaires|comentario|comentarios|comentário"
        "|comentários|commenti|reacties|kommentarer|komentarze|комментарии|коментарі|yorumlar|σχόλια|komentar",
    ),
}
_LEADERS = " »›>▶►→•*-–—+"
_FIRST_WORD = re.compile(r"\W*(?:\d+ )?(?P<word>[^\W\d]\w*)")


_GROUP = re.compile(r"(?<!\\)\((?!\?)")
# How patterns begin that try any line to its end, and cost more than all the others.
_ANY_OPENING = (".", r"(\w")


def _table(rules: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """The rules as one pattern; the group that matches bears the name of the rule."""
    # Only the rule is asked for: groups that nobody remembers are tried a third faster.
    tables = [
        f"(?P<{rule}>(?:{_GROUP.sub('(?:', '|'.join(patterns))})$)"
        for rule, patterns in rules.items()
        if patterns
    ]
    return re.compile("|".join(tables), re.I)


def _tables(rules: dict[str, list[str]]) -> list[re.Pattern[str]]:
    """The patterns of known openings as one, and those that any line may open."""
    return [
        _table(
            {r: [p for p in ps if p.startswith(_ANY_OPENING) is any_] for r, ps in rules.items()}
        )
        for any_ in (False, True)
    ]


# What is left of a page's data among its text, and the mark of a list.
_CODE = re.compile(r'":\s?(?:["\d{\[]|null|true|false)')
CODE = 3
_MARK = re.compile(r"^[*•▪◦‣+–-]\s+(?=\w)")
_MARKS = "*•▪◦‣+–-"

_WHOLE_TABLES, _LABEL_TABLES = _tables(_WHOLE), _tables(_LABELS)

# A bar between alternatives, in no group.
_OR = re.compile(r"\|(?![^()]*\))")


def _by_word(rules: dict[str, tuple[str, ...]]) -> dict[str, dict[str, list[str]]]:
    """First word -> rule -> the alternatives of the rule that begin with the word."""
    found: dict[str, dict[str, list[str]]] = {}
    for rule, lines in rules.items():
        for alternative in chain.from_iterable(map(_OR.split, lines)):
            match = _FIRST_WORD.match(alternative)
            assert match
            opening = _folded(match["word"])
            found.setdefault(opening, {}).setdefault(rule, []).append(alternative)
    return found


_AS_ASCII = ("İi", "ıi", "ſs")
"""Letters beside those of ASCII that a pattern takes for one of them, whatever their case."""


def _folded(word: str) -> str:
    """The word as each spelling of it that a pattern takes for it: capitals of Turkish, too."""
    for letter, plain in _AS_ASCII:
        word = word.replace(letter, plain)
    return word.casefold()


# Few lines begin with one of these words: no other need be searched.
_OPENS_BY_WORD, _ALONE_BY_WORD = _by_word(_OPENS_ABROAD), _by_word(_SAYS_ALONE)
_ABROAD_OPENS = _OPENS_BY_WORD.keys() | _ALONE_BY_WORD.keys()
_ABROAD_BEGINS = frozenset(word[:2] for word in _ABROAD_OPENS)


def _abroad(opens: list[str], alone: list[str]) -> list[str]:
    """Patterns of lines that open so, and of such that say no more."""
    return [rf"(?:{'|'.join(opens)})(?!\w).*"] * bool(opens) + [
        rf"(?:\d+ )?(?:{'|'.join(alone)})(?: ?\(\d+\))?\W*"
    ] * bool(alone)


@cache
def _abroad_line(word: str) -> re.Pattern[str]:
    """The rules of lines in other languages whose first word is this, one of `_ABROAD_OPENS`."""
    # Compiled with the first such line: those of all words cost a third of all patterns here.
    opens, alone = _OPENS_BY_WORD.get(word, {}), _ALONE_BY_WORD.get(word, {})
    rules = {**_OPENS_ABROAD, **_SAYS_ALONE}
    return _table({rule: _abroad(opens.get(rule, []), alone.get(rule, [])) for rule in rules})


def _may_open_abroad(text: str) -> bool:
    """Whether the first word may be one of `_ABROAD_OPENS`; for most lines two letters say no."""
    two = text[:2]
    return not (two.isalpha() and two.isascii()) or two.lower() in _ABROAD_BEGINS


# Each of those patterns begins like this, or holds one of these where any line may open it: no
# other line need be matched.
_SHORT_HOLDS = ("newsletter", "privacy ", " ago", "pic.twitter.com/", "https://t.co/", *"/>›»|·")
_OPENING_WORDS = (
    "about|accept|ad|after|allow|also|apply|author|back to|be the|book|buy|categor|check|click"
    "|close|collapse|comment|contact|content|continu|contribut|cop|dear|did you|discover|don"
    "|download|editor|email|e-mail|english|enter|every|expand|explore|facebook|featured|filed"
    "|find|follow|get|give|have your|hear|hide|home|insta|is this|join|jump|keyword|label|latest"
    "|leave|link|listen|live|load|log|manage|maybe|member|menu|month|more|most|mute|next"
    "|no thanks|not ready|once|open|order|other|our|pai|pam|pau|pay|pin|play|please|popular|post"
    "|previous|print|read|recent|recommended|reddit|register|reject|related|remind|reply|report"
    "|save|scroll|search|section|see|share|shop|show|sign|similar|skip|sms|sponsor|stor|stream"
    "|submit|subscri|subtitle|suggested|support|swipe|tag|tap|telegram|tell|thank|this story|top"
    "|trending|try|tweet|twitter|up next|view|visit|was this|watch|what to|whatsapp|why|write"
    "|yearly|you may|you might|you will|you could|your|youtube"
    "|annual|by|cc|in this|off|one-|one |x|article contin|enlarge|new, |page contin|text contin"
    "|something went|this browser|this content|this field|to hear|to play|to view|to watch|tiktok"
    "|toggle"
)
_OPENINGS = _OPENING_WORDS.split("|")
_OPENINGS += [f"{a} {word}" for a in ("a", "an") for word in ("appeal", "letter", "message")]
_OPENINGS += [f"{a} {word}" for a in ("a", "an") for word in ("note", "photo", "post", "video")]
# The same for what opens with no letter.
_OPENS_LINE = re.compile(
    r"\W+$|\W(?:related|also read|read)|[—–-] |@"
    r"|\d[\d,.]*k?[ -]*(?:[:/]|of|comment|leave|have|join|min|share|view|like|vote|retweet|follow"
    r"|image|photo|picture|slide"
    r"|.*ago)",
    re.I,
)


LONGEST_LINE = 240
LONGEST_NOTE = 400
LONGEST_PHRASE = 3000
"""Code points: no line of a page is longer, so that none costs more to judge."""

# The first line of a box takes the rest of its block with it.
BOX = {"links", "comments", "newsletter"}
BOX_LINES = 12
# The last line of a small box: what to press.
BUTTONS = {"offer", "newsletter", "account", "appeal"}
# Addressing the reader, outside quotation marks.
READER = re.compile(r"\b((?i:we|our|ours|you|your|yours)|[Uu]s)\b")
WE = re.compile(r"\b((?i:we|our|ours)|[Uu]s)\b")
# What an appeal asks for, or from whom: an author may say "we" too.
ASKS = re.compile(
    r"\b(support|donat|contribut|fund|subscri|member|reader|help|journalis|independen|paywall"
    r"|reporting|reporters|newsroom|desks|coverage|investigat|rely|depend|give|gift|cost)",
    re.I,
)
QUOTED = re.compile(r"“[^”]*”?|‘[^’]*’|\"[^\"]*\"?")


def asks(text: str) -> bool:
    """Whether a paragraph speaks for the house and of what it lives on, outside quotation marks."""
    own = QUOTED.sub(" ", text[:LONGEST_PHRASE])
    return bool(WE.search(own) and ASKS.search(own))


# Whoever runs a page alone says "I".
_SPEAKS = re.compile(rf"{READER.pattern}|\b(I|[Mm]y|me)\b")
_SENTENCE_BREAK = re.compile(r"(?<=[.!?…]) ")


def speaks(text: str) -> bool:
    """Whether a paragraph speaks to its reader, or of the house, in half of its words."""
    sentences = _SENTENCE_BREAK.split(QUOTED.sub(" ", text[:LONGEST_PHRASE]))
    counts = [len(sentence.split()) for sentence in sentences]
    spoken = [_SPEAKS.search(sentence) is not None for sentence in sentences]
    return 2 * sum(compress(counts, spoken)) >= sum(counts)


APPEAL_OPENS = re.compile(
    r"^(dear \w+,?|(a|an) (message|note|appeal|letter) from\b.*"
    r"|why (we are|we're|we’re) asking.*)$",
    re.I,
)
APPEAL_REACH = 14

_AGENCY = (
    r"(?:getty|images?|photos?|pictures?|shutterstock|istock|unsplash|pexels|pixabay|handout|pool)"
)
# A line that only credits somebody, and one that ends by it.
CREDIT_ONLY = re.compile(
    rf"^\W?(?:photo(?:graph(?:y|ed)?)?|picture|image|video|illustration|screenshot|graphic)s?"
    rf"(?: (?:credits?|illustration|by|via|courtesy))*\s*(?:[:/]|by|via)\s*\S.{{0,80}}\W?$"
    rf"|^(?:credits?|courtesy(?: of)?)\b\s*:?\s*\S.{{0,60}}$"
    rf"|^[^.]{{2,50}}(?:/|\bvia\b|\||\bby\b) ?(?:[A-Z]\w+ )?{_AGENCY}\b.{{0,30}}$"
    rf"|^\(c\) .{{2,40}}$"
    # A photographer and the agency or house: `(Ada Bell/Holm Wire)`, `Ada Bell / HWA`.
    r"|^(?-i:\([A-Z][^()/]{2,40}/ ?[A-Z][^()/]{1,40}\)"
    r"|(?:[A-Z](?:\.|[\w’'-]+) ){1,3}[A-Z][\w’'-]+ ?/ ?[A-Z][\w.&’'-]*(?: [A-Z][\w.&’'-]*){0,3})$",
    re.I,
)
CAPTION_OPENS = re.compile(
    r"FILE [-–—] |(?i:(?:submitted |file )?photo(?:graph)?s? by (?:\S+ ){5})"
    r"|(?:SUBMITTED|FILE|COURTESY|HANDOUT) (?:PHOTO|PICTURE|IMAGE)\b"
    # The photographer and the paper, and on the same line what is to be seen.
    r"|(?:[A-Z][\w.’'-]+ ){1,3}/ (?:[A-Z][\w.’'-]+ ){3}"
)
_CREDIT_SIGNS: tuple[str, ...] = (
    "file",
    "photo",
    "picture",
    "image",
    "credit",
    "illustration",
    "graphic",
    "/",
    "(",
    "via ",
)
_CREDIT_SIGNS += ("courtesy", "getty", "stock", "unsplash", "pexels", "pixabay", "handout", "video")
_CREDIT_SIGNS += ("pool", "screenshot", "©", "pic:", "pics:", "photographer")
CREDIT_REACH = 140
"""Code points at the end of a caption in which its credit stands."""

CAPTION_WORDS = 120
CAPTION_LEAST = 5
"""Words at least of a caption that is told by a label or by a name behind it."""

CREDIT_WORDS = 14
"""Words at most of a line that is all credit."""

SMALL_SHARE = 0.5
"""With a lesser share of capital letters, what stands behind a label is no name."""

_LABEL = re.compile(r"\W?(?:photo(?:graph)?|picture|image|caption)s?(?: caption)?: ?", re.I)
LABEL_REACH = 18
"""Code points at the beginning of a caption in which its label ends."""

_CREDITED = re.compile(
    # One of these begins it: no other place need be tried.
    r"(?=[(.!?)\]\"”’ /bv])(?:"
    rf"\((?:(?=[A-Z@])[^()]{{2,60}}/[^()]{{2,60}}|[^()]{{0,50}}\b(?:via|courtesy|{_AGENCY})\b[^()]{{0,50}})\)$"
    rf"|[.!?)\]\"”’ ](?i:{CREDIT_LABEL}|photo illustration)(?: by|:) ?[^.:]{{2,60}}$"
    rf"|(?:/|\bvia |\bby )(?:[A-Z]\w+ ){{0,3}}(?i:{_AGENCY})\b.{{0,40}}$"
    rf"|[.!?] ?(?:[A-Z][\w. ]{{1,30}} ?/ ?[A-Z][\w ]{{2,30}}|(?:[A-Z]\w+ ){{0,3}}(?i:{_AGENCY}))$)",
)
_SIGN = r" ?© ?(?!\d|(?i:copyright|all rights))[^\W\d_]"
_NO_FIRM = r"(?<!Ltd)(?<!Limited)(?<!Inc)(?<!LLC)(?<!GmbH)$"
_COPYRIGHT = re.compile(rf"(?:\S+ ){{4}}\S+{_SIGN}[^©.]{{1,50}}{_NO_FIRM}")
_OWNED = re.compile(rf"\S{_SIGN}[^©]{{1,50}}{_NO_FIRM}")
# Who is who in a picture, where nobody is thanked for it.
CAPTION_SIDES = re.compile(
    r"(?:, |\()(?:(?:second|third|far|top|bottom) (?:from )?)?(?:left|right|cent(?:er|re))(?:,|\))"
    r"|\b[Ff]rom (?:the |top |bottom )?(?:left|right)(?: to (?:left|right))?[,:]|\bleft to right\b"
)
CAPTION_MOST = 45
"""Words at most of a caption that says who stands where."""

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĄĆČĐĘĞİŁŃŚŞŠŹŻŽΆ-ΏΑ-ΩЁА-ЯІЇЄҐ]"
_NAMED = (
    rf"{_CAPITAL}[\w.’'-]+(?: (?:(?:de|del|da|di|van|von|der|den) )?{_CAPITAL}[\w.’'-]+){{1,3}}"
)
BYLINE = re.compile(
    r"^(?:(?:(?:words|written|story|photos? and story|reporting)\s+)?by(?:\s+|:\s*)"
    # `Words Ada Bell Photography Cy Dow 3 May 2025`
    r"|(?-i:Words:? (?=(?:[A-Z][\w.'’-]+ ){2,4}(?:and |& |Photo|Pict|Image|Illus|\d|$)))"
    # The same in other languages, where all behind it are names.
    rf"|(?-i:(?:[Vv]on|[Pp](?:ar|or)|[Dd](?:i|oor)|[Aa][vf]|Oleh"
    rf"|(?:Autor(?:in|a|e)?|Auteur|Автор|Penulis|Yaza[nr]|Haber|Συντάκτης|Γράφει) ?:)"
    rf" (?={_NAMED}(?:(?:, | und | et | y | e | en | och | og | и ){_NAMED}){{0,2}}$)))"
    r"(?P<who>\S.{2,120})$",
    re.I,
)
BYLINE_OPENS = "abdprsvwABDHOPRSVWYАΓΣ"
"""The letters with which a byline and its label can begin."""

BYLINE_LABEL = re.compile(r"^(?:(?:written )?by|authors?)\s*:?$", re.I)
BYLINE_END = re.compile(
    r"\s*(?:(?-i:\b(?:Photo(?:graph)?(?:s|y)?|Pictures?|Images?|Illustrations?)\b)|[|•·–—]|\(|\S+@\S+|@\w|\bpublished\b|\bupdated\b|\bposted\b|\d|\bfor\b"
    r"|\bin\b(?= [A-Z])).*$",
    re.I,
)
PROFILE = re.compile(r"^.{0,30}\b(?:links?|profile|posts?|articles?) (?:for|of|by) ", re.I)
PUBLISHED = re.compile(r"(?:publish|post|creat|releas)ed\b|\bdate\b", re.I)
UPDATED = re.compile(r"(?:updat|modifi|correct|revis)ed\b|\blast\b", re.I)
DATE_WORDS = re.compile(
    r"(?i:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|\b(?:at|on|first|last|published|posted|updated|modified|date|a\.?m|p\.?m|min(?:ute)?s?"
    r"|read|source|by|hours?|shares?|views?|comments?|reads)(?:\b|(?=\d)))|\b[A-Z]{2,4}\b"
)
_WRITER = (
    r"\b(?:reporters?|writers?|editors?|authors?|journalists?|correspondents?|columnists?|contribut\w+"
    r"|fellow|analyst|critic|blogger|producer|specialist|expert|covers|covering|writes|writing)\b"
)
WRITER_WORD = re.compile(_WRITER)
AUTHOR = re.compile(
    r"^(?!(?:The|A|An|In|But|And|It|This) )"
    r"(?:[A-Z][\w.’'-]+,? (?:(?:de|di|da|del|van|von|der|den|la|le|al|bin) ){0,2}){2,5}"
    rf"(?:(?:is|was|has been|works|joined|holds)\b[^.]{{0,160}}{_WRITER}|writes|covers|edits)\b"
    r"|^[A-Z][\w.’'-]+ (?:[A-Z][\w.’'-]+ )?specializes in\b"
    rf"|^(?:He|She|They) (?:is|was|has|covers|writes|previously)\b[^.]{{0,100}}{_WRITER}",
)
EDITORS_NOTE = re.compile(r"^(?:editors?[’']?s?|publisher[’']s) note\b", re.I)
POSTED_BY = re.compile(r"[—–-] .{2,60}\(@\w{1,30}\)")
# What stands in posts: somebody's handle, a tag, an address, a picture in place of a word.
POSTED = re.compile(r"(?<!\S)[@#]\w|https?://|\bt\.co/|[\U0001f300-\U0001faff]")
# A biography: somebody by name, in the present, and what they do.
NOBODY = re.compile(
    r"^(?!(?:What|Th\w+|It|He|She|We|Here|An?|One|Wh\w+|How|If|And|But|So|My|Our|His|Her|Its|All"
    r"|Another|Every\w*|No\w*|Some\w*|Today|Now|Then|Also|In|On|At|For|To|Of|Not)\b)"
    r"(?P<name>[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,3}),? is (?:an?|the|(?![a-z]+ing )[a-z]+) "
    r"[^.]{0,160}?"
    r"\b(?:founders?|professor|lecturer|researcher|scientist|student|teacher|coach|consultant"
    r"|lawyer|attorney|physician|therapist|entrepreneur|director|president|chief|officer|manager"
    r"|partner|owner|host|member|fellow|based in|lives in|graduate|reporters?|writer|editor|author"
    r"|journalist|correspondent|columnist|contribut\w+|analyst|critic|blogger|producer|expert"
    r"|specialist|designer|artist|photographer|strategist|advis[eo]r|leader|company|firm|agency)\b"
)
_POST = r"(?:editor|writer|reporter|correspondent|columnist|critic)"
POST = re.compile(
    r",? (?:(?:senior|staff|managing|deputy|chief|political|features?|news|associate) )*"
    rf"{_POST}(?: in chief)?$",
    re.I,
)
# A name and what its bearer writes about: `Ada Bell Council reporter`, `Ada Bell, Arts Editor`.
_BEAT = re.compile(
    rf"^(?P<who>\S+ \S.*?)(?: [A-Z][\w-]*(?: [a-z][a-z-]*)* {_POST}"
    rf"|, [A-Z][\w-]*(?: [\w-]+)* (?i:{_POST}))$"
)
# What somebody does, and no name before it: `Crime reporter`, `Health and care correspondent`.
_POST_ALONE = re.compile(rf"(?i:the )?[^\s,]+(?: [a-z][a-z-]*)* (?i:{_POST})(?: (?i:in chief))?$")
_PART = r"(?:[A-ZÀ-Þ]\.?|[A-ZÀ-Þ][\w’'-]*[a-zß-ÿ]\.?|de|del|van|von|der|den|al|bin|la|le|da|di|du)"
_NAME = rf"[A-ZÀ-Þ](?:\.|[\w.’'-]*[a-zß-ÿ.]|[A-Z])(?: {_PART}){{0,2}} [A-ZÀ-Þ][\w’'-]*[a-zß-ÿ]"
# A line that is all names: a byline that does not say so.
NAMES = re.compile(
    rf"(?:By)?(?P<who>{_NAME}(?:(?:, | and | & |, and ){_NAME}){{0,3}}?)"
    r"(?: in [A-Z][\w ]+)?$"
)
NO_NAME = re.compile(
    r"\b(?:news|sports?|staff|world|politics|business|opinion|editorial|team|desk|press|media"
    r"|photos?|video|culture|lifestyle|health|science|travel|tech|money|life|style|local|national"
    r"|daily|times|post|city|county|university|read|more|latest|updated?|published|shares?|the"
    r"|your|our|copy|links?|leave|comments?|shop|look|buy|view|show|sign|log|subscribe|follow|save"
    r"|home|menu|search|top|best|new|guide|reviews?|getty|images|associated"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|(?-i:[a-z]{3}[A-Z])",
    re.I,
)
SPEAKS = re.compile(r"[“‘\"]\w|\b(?:said|says|told)\b")
BULLET = re.compile(r"(?:[•▪‣◦●]\s*|[*–-]\s+)(?=\w)")
WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day, [^:]*$", re.I)
# What a sum in the text is worth, under it: `($1 = 0.9 euros)`.
RATE = re.compile(r"\([^()=]{1,40}=[^()=]{1,40}\)$")
CLOCK = re.compile(r"\d:\d\d|\bago\b", re.I)
ROW = re.compile(r"\d[\d,.]*(?:[:.)%]|$)|[^.!?:]{2,40}: \S")
# What stands under the last paragraph: how it opens, and what it holds anywhere.
_NOTE_OPENS = re.compile(
    r"(?:editors?[’']?s?|author[’']s|publisher[’']s) note\b"
    r"|(?:this|a version of this) (?:article|story|piece|post|column|report|essay)\b.{0,60}"
    r"\b(?:appeared|published|updated|corrected|produced|posted|republished)\b"
    r"|(?:this|the|our) (?:interview|conversation|transcript)\b.{0,30}\b(?:edited|condensed)\b"
    r"|(?:updated|correction|clarification|comments (?:on|are))\b"
    r"|corrections (?:are|will be) (?:made|listed|printed|published)\b"
    r"|(?:the )?(?:views|opinions)\b.{0,60}\b(?:their|his|her|(?:author|writer)s?[’']?s?) own\b"
    r"|(?:contact|follow|e-?mail|write to|reach|send|submit|got a|have a|do you have"
    r"|for more (?:information|stories|news))\b.{0,200}(?:@|\bhere\b|\b(?:us|our|your)\b)"
    r"|(?:follow|like|find|join|subscribe to|download|check out|listen to|watch|click)\b.{0,160}"
    r"\b(?:twitter|facebook|instagram|youtube|app|podcast|here|website|us|our)\b"
    r"|our standards:|(?:got|have) an? (?:\w+ )?(?:tip|idea)\?"
    r"|(?-i:(?:[A-Z]\S+ ){1,3}(?:and (?:[A-Z]\S+ ){1,3})?)"
    r"(?:reported from|contributed to th(?:is|e) (?:report|story|article))\b"
    r"|.{2,50} is an? (?:[\w-]+ ){0,6}(?:news(?:room|paper)|news (?:organi[sz]ation|agency"
    r"|service|site|outlet|website)|publication)"
    r"(?=[.,]| (?:that|which|dedicated|devoted|covering|serving|based|founded|published|of|for)\b)",
    re.I,
)
_NOTE_HOLDS = re.compile(
    # It opens a sentence: who tells a story may have signed up for something, or seen a button.
    r"\bsign up\b(?<![^.!?:…].sign up)|\bnewsletter\b|\bavailable here\b"
    r"|\bdelivered (?:every|to|straight|daily|weekly)\b|\breporting by (?-i:[A-Z])",
    re.I,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.(?!\d)\w+")


def is_note(text: str) -> bool:
    """Whether a last paragraph is a note: about the text, its makers, or how to follow on."""
    text = text[:LONGEST_NOTE]
    return bool(
        _NOTE_OPENS.match(text)
        or _NOTE_HOLDS.search(text)
        or ("@" in text and _ADDRESS.search(text))
    )


CREDITED, SIDED, _HOLDS, _OPENS, _CODED = (1 << len(_PHRASES) + n for n in range(5))
"""Signs of a line: a word of `_CREDIT_SIGNS`, "left" or "right", one of `_SHORT_HOLDS`, one of
`_OPENINGS` where it begins, what `_CODE` begins with. Bit n is the phrase n.
"""


def _needles() -> dict[str, int]:
    """What is looked for in every line, and the signs it is."""
    found: dict[str, int] = dict.fromkeys(_CREDIT_SIGNS, CREDITED)
    found |= {"left": SIDED, "right": SIDED, '":': _CODED}
    found |= {f"\n{word}": _OPENS for word in _OPENINGS}
    for needle in _SHORT_HOLDS:
        found[needle] = found.get(needle, 0) | _HOLDS
    for number, phrase in enumerate(_PHRASES):
        for needle in phrase.needles:
            found[needle] = found.get(needle, 0) | 1 << number
    return found


_NEEDLES = _needles()
_SIGNS = [*_NEEDLES.values(), 0]
_END = len(_NEEDLES)
_find = BytesAhoCorasick(
    [needle.encode() for needle in (*_NEEDLES, "\n")], implementation=Implementation.DFA
)


def signs(lines: list[str]) -> list[int]:
    """The signs of each of the lines, whatever their case: all are looked for in one go."""
    text = "\n".join(["", *lines])  # an opening stands behind a line feed
    # The needles' letters are ASCII's, and in normal form these alone stand for one of them too.
    for letter, plain in _AS_ASCII:
        text = text.replace(letter, plain)
    data = text.encode("utf-8", "surrogatepass").lower()
    found, at = [0] * len(lines), -1
    # They come in the order of their ends, and so do the lines'.
    for needle, _, _ in _find.find_matches_as_indexes(data, overlapping=True):
        if needle == _END:
            at += 1
        else:
            found[at] |= _SIGNS[needle]
    return found


def _short_rule(text: str, held: int) -> str:
    rule = ""
    if held & (_HOLDS | _OPENS) or (not text[:1].isalpha() and _OPENS_LINE.match(text)):
        tables = 2 if held & _HOLDS else 1
        rule = _first(_WHOLE, _WHOLE_TABLES[:tables], text)
        if not rule and not ends_sentence(text):
            rule = _first(_LABELS, _LABEL_TABLES[:tables], text)
    if not rule and not ends_sentence(text):
        first = _FIRST_WORD.match(text) if _may_open_abroad(text) else None
        if first and (word := _folded(first["word"])) in _ABROAD_OPENS:
            match = _abroad_line(word).match(text.lstrip(_LEADERS))
            rule = (match.lastgroup or "") if match else ""
    return rule


def _first(rules: Iterable[str], tables: Iterable[re.Pattern[str]], text: str) -> str:
    """The first of the rules that a line falls under by one of their tables, "" for none."""
    found = [match.lastgroup for table in tables if (match := table.match(text))]
    return next(rule for rule in rules if rule in found) if found else ""


def rule_of(text: str, held: int | None = None) -> str:
    """The lexicon rule that a line falls under, "" for none. `held` are its signs if known."""
    if held is None:
        held = signs([text])[0]
    if len(text) <= LONGEST_LINE and (rule := _short_rule(text, held)):
        return rule
    if len(text) > LONGEST_PHRASE:
        return ""
    held &= CREDITED - 1
    while held:
        phrase = _PHRASES[(held & -held).bit_length() - 1]
        if phrase.pattern.search(text):
            return phrase.rule
        held &= held - 1
    return ""


def without_post(byline: str) -> str:
    """The line without what the person it names does for the paper."""
    match = _BEAT.match(byline)
    return match["who"] if match else POST.sub("", byline)


def is_post(line: str) -> bool:
    """Whether a line says what somebody does for the paper, and not who."""
    return bool(_POST_ALONE.match(line))


def is_prose(text: str) -> bool:
    """Whether a paragraph in normal form reads like running text: 8 words or more, and an end."""
    return ends_sentence(text) and words(text) >= PROSE_WORDS


def words(text: str) -> int:
    """How many words a text has; without blanks between them, three letters count as one."""
    return len(text.split()) + (0 if text.isascii() else unspaced(text))


def unspaced(text: str) -> int:
    """How many words the letters make that have no blanks between them: three are one."""
    return len(UNSPACED.findall(text)) // 3


def ends_sentence(text: str) -> bool:
    last = text[-1:]
    return last in STOPS or (last in _LAST and bool(_SENTENCE_END.search(text[-8:])))


def may_be_credited(text: str, words: int) -> bool:
    """Whether a paragraph can be a caption with its credit: that does not end in a full stop."""
    return words <= CREDIT_WORDS or text[-1:] != "." or text[:4].isupper()


def has_credit_sign(text: str) -> bool:
    """Whether it holds one of the words and signs without which no credit is."""
    return any(map(text.lower().__contains__, _CREDIT_SIGNS))


def is_description(text: str) -> bool:
    """Whether a label is followed by what is to be seen and not by whom to thank.

    A sentence, or words of which most begin with a small letter.
    """
    if ":" not in text[:LABEL_REACH]:
        return False
    match = _LABEL.match(text)
    words = text[match.end() :].split() if match else []
    return len(words) >= CAPTION_LEAST and (
        text.endswith((".", "!", "?")) or capitals(words) <= SMALL_SHARE
    )


def ends_with_credit(tail: str) -> bool:
    """Whether the end of a caption is a credit."""
    return bool(_CREDITED.search(tail) or ("©" in tail and _COPYRIGHT.search(tail)))


def is_copyright(text: str) -> bool:
    """Whether it says at its end whose a picture is: the line of a page opens with the sign."""
    return bool(_OWNED.search(text[-CREDIT_REACH:]))


def is_caption(text: str) -> bool:
    """Whether a paragraph of a page is a caption: by how it opens or the credit at its end."""
    words = text.count(" ") + 1
    if words > CAPTION_WORDS:
        return False
    if CAPTION_OPENS.match(text) or is_description(text):
        return True
    return (
        words >= CAPTION_LEAST
        and may_be_credited(text, words)
        and ends_with_credit(text[-CREDIT_REACH:])
    )


def says(text: str) -> bool:
    """Whether it ends in a full stop or holds one sentence behind another: no headline does."""
    return text.rstrip(_CLOSING).endswith(FULL_STOPS) or bool(_SAYS.search(text))


def capitals(words: list[str]) -> float:
    """The share of words that do not begin with a small letter, or one that has no capital."""
    first = "".join([word[0] for word in words])
    small = sum(map(str.islower, first))
    if not first.isascii():
        small += sum([letter.isalpha() and letter.lower() == letter.upper() for letter in first])
    return 1 - small / max(len(words), 1)


def is_page_line(text: str, held: int | None = None) -> str:
    """The lexicon rule under which a paragraph goes, "" where it stays.

    A sentence of the article may hold such words between its quotation marks. `held` are its signs
    if they are known.
    """
    if (held is None or held & _CODED) and len(_CODE.findall(text)) >= CODE:
        return "code"
    if text[:1] in _MARKS and (unmarked := _MARK.sub("", text)) != text:
        text, held = unmarked, None
    rule = rule_of(text, held)
    if rule and is_prose(text) and not rule_of(QUOTED.sub(" ", text)):
        return ""
    return rule
