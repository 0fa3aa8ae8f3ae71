"""What pages say about themselves: the lexicon by which lines of the page are told (`page_lines`).

Patterns over single lines in normal form. Every rule in `GUESSES` goes by the looks of the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from onrecord.text import later

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
WHOLE: dict[str, list[str]] = {
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
        r"(accept|reject|allow|manage)( all| my)?( cookies| choices| preferences| settings)?"
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
        r"(give|donate|contribute) [£$€] ?\d[\d.,]*"
        r"( (a|per|each|every) (week|month|year)| monthly)?( now| today)?[.!]?",
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
LABELS: dict[str, list[str]] = {
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
    pattern: Callable[[], re.Pattern[str]]


def _phrase(rule: str, needles: str, pattern: str) -> Phrase:
    return Phrase(rule, tuple(needles.split("|")), later(pattern, re.I))


PHRASES = [
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
        "account", "already a subscriber|already a member", r"\balready a (subscriber|member)\b"
    ),
    _phrase(
        "account",
        "subscribe from|subscribe for|subscribe to ",
        r"\bsubscribe (from|for|to (continue|read))\b",
    ),
    _phrase(
        "account", "create a free account|create an account", r"\bcreate (a free|an) account\b"
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
    _phrase("post", "(@", r"[—–-] ?[^—–]{2,50}\(@\w{1,30}\) [A-Z][a-z]{2,8} \d{1,2}, \d{4}$"),
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
OPENS_ABROAD: dict[str, tuple[str, ...]] = {
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
SAYS_ALONE: dict[str, tuple[str, ...]] = {
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
# Each of those patterns begins like this, or holds one of these where any line may open it: no
# other line need be matched.
SHORT_HOLDS = ("newsletter", "privacy ", " ago", "pic.twitter.com/", "https://t.co/")
TRAIL_MARKS = "/>›»|·"
"""What parts the steps of a trail (`Home › Town › Council`), which any line may open, too."""
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
OPENINGS = _OPENING_WORDS.split("|")
OPENINGS += [f"{a} {word}" for a in ("a", "an") for word in ("appeal", "letter", "message")]
OPENINGS += [f"{a} {word}" for a in ("a", "an") for word in ("note", "photo", "post", "video")]
# The same for what opens with no letter.
OPENS_LINE = re.compile(
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
EDITORS_NOTE = re.compile(r"^(?:editors?[’']?s?|publisher[’']s) note\b", re.I)
POSTED_BY = re.compile(r"[—–-] .{2,60}\(@\w{1,30}\)")
# What stands in posts: somebody's handle, a tag, an address, a picture in place of a word.
POSTED = re.compile(r"(?<!\S)[@#]\w|https?://|\bt\.co/|[\U0001f300-\U0001faff]")
SPEAKS = re.compile(r"[“‘\"]\w|\b(?:said|says|told)\b")
BULLET = re.compile(r"(?:[•▪‣◦●]\s*|[*–-]\s+)(?=\w)")
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
