"""English as the rules need it: reporting verbs by what they take, and the closed classes.

Written from general knowledge of the language, not drawn from any corpus.
"""

from __future__ import annotations

import re
from functools import cache

from onrecord.suggest.words import words

# --- reporting verbs --------------------------------------------------------------------------

# What a verb takes for its content:
#   c  a clause with that                          s  also a clause without that
#   i  an infinitive of its own subject            o  an object, then an infinitive (asked to go)
#   n  a noun phrase that names a proposition      a  an addressee may stand before the content
#   d  marked words only, beside them or after     w  a question (whether, why)
#   j  a judgement: call X Y, describe X as Y      x  accuse X of Y
#   b  belief or inner life                        k  an act: a quote only where marked words stand
#   g  an -ing clause (denied knowing)
VERBS: dict[str, str] = {}


def _verbs(kinds: str, words: str) -> None:
    for word in words.split():
        VERBS[word] = "".join(sorted(set(VERBS.get(word, "") + kinds)))


_verbs("csd", "say claim argue insist add note announce warn admit declare maintain assert contend")
_verbs("csd", "state stress believe think suggest confirm predict conclude acknowledge allege")
_verbs("csd", "tweet explain concede estimate reckon boast complain joke swear testify reiterate")
_verbs("csd", "figure guess recall deny agree report")
_verbs("cd", "reply respond remark observe emphasize emphasise comment repeat lament quip")
_verbs("cd", "counter proclaim caution reveal indicate hint signal disclose recount charge post")
_verbs("cd", "underline underscore highlight mention opine muse elaborate clarify affirm reaffirm")
_verbs("cd", "attest vouch gripe grumble whine brag tease retort rejoin hypothesize theorize")
_verbs("cd", "theorise speculate advise recommend propose rule decide bemoan bet")
_verbs("cd", "publish email text message fume rant preach lecture blog volunteer protest object")
_verbs(
    "cd", "implore plead pray promise vow pledge threaten demand remind assure inform notify tell"
)
_verbs("cs", "find show demonstrate")
_verbs("c", "establish imply certify document prove")
_verbs("csd", "write")
_verbs("csa", "tell")
_verbs("ca", "remind assure inform notify promise warn advise convince persuade brief")
_verbs("d", "ask continue shout yell laugh whisper cry exclaim scream chant read sing begin")
_verbs("d", "go sigh smile shrug nod interject snap bark growl mutter murmur chuckle sneer scoff")
_verbs("d", "answer inquire enquire wonder close finish offer intone thunder roar bellow gush")
_verbs("d", "blurt deadpan intervene interrupt reason reflect drawl hiss marvel quote rail")
_verbs("d", "recite sum echo address summarise summarize")
_verbs("wd", "ask wonder inquire enquire question")
_verbs("o", "ask urge order tell advise beg implore encourage press instruct command direct warn")
_verbs("o", "remind request invite challenge exhort entreat plead persuade pressure prompt forbid")
_verbs("i", "promise vow pledge threaten offer swear propose demand ask claim plead commit")
_verbs("i", "guarantee resolve profess")
_verbs(
    "n", "announce deny claim predict propose promise demand recommend cite allege confirm admit"
)
_verbs("n", "acknowledge report suggest pledge request forecast concede advocate urge threaten")
_verbs(
    "g", "deny admit propose suggest recommend recall acknowledge describe mention report advocate"
)
_verbs(
    "j", "call describe label brand dub characterise characterize portray depict paint deem declare"
)
_verbs(
    "j", "dismiss criticise criticize praise hail denounce condemn deride decry slam blast attack"
)
_verbs("j", "ridicule mock laud rate regard view see cast tout pronounce term consider")
_verbs("j", "cite list identify name liken compare")
_verbs("v", "put value estimate")
_verbs("x", "accuse suspect")
_verbs("b", "believe think expect consider estimate reckon figure guess suspect assume presume")
_verbs("csb", "hope fear worry wish assume presume")
_verbs("cb", "expect anticipate doubt suspect understand know learn realise realize recognise")
_verbs("c", "accept contest")
_verbs("cs", "decide reveal rule caution")
_verbs("n", "order")
_verbs("csd", "indicate determine")
_verbs("cb", "recognize feel regret imagine foresee envision dream see consider hear")
_verbs("ib", "want plan hope intend expect wish aim")
_verbs("ob", "want expect")
_verbs("nb", "fear expect doubt anticipate regret envision")
_verbs(
    "k", "welcome praise condemn criticise criticize blame thank reject applaud denounce slam blast"
)
_verbs(
    "k", "attack oppose support back endorse defend question challenge dispute mock ridicule rebuke"
)
_verbs(
    "k", "deride lambast lambaste pan decry laud hail salute celebrate dismiss disavow repudiate"
)
_verbs("k", "embrace champion tout promote express voice refuse decline chide")
_verbs("k", "admire assail bash berate castigate chastise commend deplore fault hammer hit")
_verbs("k", "knock rip savage scold skewer trash warn urge apologise")
_verbs("k", "apologize condone disparage downplay trumpet insult taunt brush cheer")
_verbs("k", "quote recount describe cite")

_IRREGULAR = """
    say says said saying; tell tells told telling; write writes wrote written writing;
    think thinks thought thinking; know knows knew known knowing; find finds found finding;
    show shows showed shown showing; feel feels felt feeling; hear hears heard hearing;
    see sees saw seen seeing; read reads read reading; sing sings sang sung singing;
    go goes went gone going; begin begins began begun beginning;
    swear swears swore sworn swearing; cast casts cast casting; hit hits hit hitting;
    admit admits admitted admitting; commit commits committed committing;
    quip quips quipped quipping; refer refers referred referring; bet bets bet betting;
    forbid forbids forbade forbidden forbidding; foresee foresees foresaw foreseen foreseeing;
    forecast forecasts forecast forecasting; understand understands understood understanding;
    learn learns learned learnt learning; dream dreams dreamed dreamt dreaming;
    speak speaks spoke spoken speaking; regret regrets regretted regretting;
    label labels labelled labeled labelling labeling;
    signal signals signalled signaled signalling signaling; put puts put putting;
    lay lays laid laying; shoot shoots shot shooting; cut cuts cut cutting;
    shut shuts shut shutting; set sets set setting; take takes took taken taking;
    throw throws threw thrown throwing; stand stands stood standing; keep keeps kept keeping;
    fight fights fought fighting; give gives gave given giving;
    withdraw withdraws withdrew withdrawn withdrawing; plead pleads pleaded pled pleading"""
IRREGULAR: dict[str, str] = {forms.split()[0]: forms for forms in _IRREGULAR.split(";")}
"""The forms of a verb, by its base."""
NOT_VERBS = words(
    """charges documents texts posts objects figures figure text post message document object
    charge address close offer reason read hit target cast answer view views fault back term
    terms need rule rules rate rates brand like direct prompt press long order orders aim
    state states note voice hail pan brief email counter find bet know quote vote debate
    support talk attack blame praise dispute challenge trash issue issues sum protest mock
    advocate"""
)
"""
Forms that are a noun, an adjective or a preposition far more often than a finite reporting verb;
they count only straight after a pronoun, a plural or beside marked words."""

PARTICLES = {
    (verb, particle): takes
    for takes, pairs in {
        "cd": "point out",
        "d": "go on, chime in, shoot back, hit back, fire back, sum up, blurt out, cry out",
        "n": "call for, complain about, warn of, warn about, argue for, argue against, insist on, "
        "plead for, ask for, push for, boast about, boast of, brag about, advise against",
        "o": "call on",
        "k": "speak of, speak out, talk about, agree with, disagree with, apologise for, "
        "apologize for, object to, brush off, lash out, rail against, comment on, vouch for, "
        "allude to",
        "ng": "warn against",
        "c": "spell out",
        "j": "refer to, think of",
        "i": "claim to",
        "dk": "call out",
        "nb": "worry about, hope for, wish for",
        "g": "confess to, admit to",
    }.items()
    for verb, particle in map(str.split, pairs.split(","))
}
"""Verb and particle (the whole is the cue), with what it takes."""
WHOLE = {"out", "up", "off", "back", "in"}
WHOLE_CUES = {("call", "for"), ("call", "on"), ("go", "on")}
"""Of a verb and its particle the whole is the cue; of a verb and a preposition the verb (Q16)."""
EXTRA_FORMS = ["lay", *(verb for verb, _ in PARTICLES if verb not in VERBS)]


_DOUBLED = re.compile("[^aeiou]+[aeiou][^aeiouwxy]")
"""One short syllable: the last letter is doubled ("ban", "banned")."""


def inflected(verb: str) -> list[str]:
    """The forms of a verb: base, -s, past, participle, -ing."""
    if verb in IRREGULAR:
        return IRREGULAR[verb].split()
    vowel = verb[-2:-1] in "aeiou"
    if verb.endswith("ee"):
        return [verb, verb + "s", verb + "d", verb + "ing"]
    if verb.endswith("e"):
        return [verb, verb + "s", verb + "d", verb[:-1] + "ing"]
    if verb.endswith("y") and not vowel:
        return [verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    if _DOUBLED.fullmatch(verb):
        return [verb, verb + "s", verb + verb[-1] + "ed", verb + verb[-1] + "ing"]
    third = "es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s"
    return [verb, verb + third, verb + "ed", verb + "ing"]


@cache
def forms() -> dict[str, str]:
    """Form -> base of every reporting verb, particle verbs' heads among them."""
    out: dict[str, str] = {}
    for verb in [*VERBS, *EXTRA_FORMS]:
        for form in inflected(verb):
            out.setdefault(form, verb)
    return out


# --- nouns and adjectives that introduce content ----------------------------------------------

CUE_NOUNS = words(
    """claim statement argument allegation assertion belief view suggestion warning announcement
    promise pledge vow insistence admission accusation prediction complaint opinion
    conclusion contention declaration revelation hope fear concern idea notion evidence
    report reports claims allegations suggestions fears hopes concerns warnings accusations
    assertions promises doubts rumour rumours message threat threats demand demands
    recommendation ruling finding findings acknowledgement acknowledgment speculation
    decision"""
)
CUE_ADJECTIVES = words(
    """adamant confident sure certain convinced hopeful optimistic worried concerned afraid aware
    proud sorry disappointed doubtful sceptical skeptical clear unaware positive pleased
    glad happy shocked surprised"""
)

# --- closed classes ---------------------------------------------------------------------------

DETERMINERS = words(
    """the a an this that these those his her its their my our your some any no every each all both
    another many several few most more such one two three four five six seven eight nine ten
    hundreds thousands dozens"""
)
SUBJECT_PRONOUNS = words("he she they we i you it who everyone someone everybody somebody")
OBJECT_PRONOUNS = words("him her them us me you it")
PRONOUNS = SUBJECT_PRONOUNS | OBJECT_PRONOUNS | words("others many some most both none there")
PREPOSITIONS = words(
    """of in on at by for with from to about against between into through during before after above
    below under over near within without across behind beyond among amid around despite toward
    towards upon via per since until like unlike than as along alongside outside inside onto off
    including following regarding concerning throughout besides except versus ahead out up down
    according"""
)
CONJUNCTIONS = {"and", "or", "but", "nor", "yet", "so", "plus", "&"}
SUBORDINATORS = words(
    """that because if when while although though whereas unless whether who which whom whose where
    why how what once lest wherever whenever"""
)
AUXILIARIES = words(
    """is are was were be been being am has have had having do does did will would shall should can
    could may might must 's 're 've 'd 'll 'm ’s ’re ’ve ’d ’ll ’m wo ca isn't aren't wasn't
    weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't
    shouldn't isn’t aren’t wasn’t weren’t hasn’t haven’t hadn’t don’t doesn’t didn’t won’t
    wouldn’t can’t couldn’t shouldn’t cannot ought"""
)
NEGATIONS = (
    {"not", "never", "n't", "n’t", "neither", "nor", "hardly"}
    | {word for word in AUXILIARIES if word.endswith(("n't", "n’t"))}
    | {"cannot"}
)
EXPECTED = words("may might could would should will must if shall can cannot ’ll 'll")
"""Before a cue: speech that is only expected or conditional."""
ADVERBS = words(
    """also then now later earlier recently still just once again already even soon often always
    never ever yesterday today tomorrow tonight further instead meanwhile however too first
    previously famously repeatedly publicly reportedly simply only rather almost perhaps maybe
    afterwards afterward online elsewhere here long since back ago forward together alone twice"""
)
TIMES = words(
    """monday tuesday wednesday thursday friday saturday sunday january february march april june
    july august september october november december jan. feb. mar. apr. jun. jul. aug. sept. sep.
    oct. nov. dec. yesterday today tomorrow tonight earlier later afterwards recently morning
    afternoon evening night week month year weekend mon. tue. wed. thu. fri. sat. sun. last next
    this late early previously then again once also here briefly simply summer autumn winter
    publicly repeatedly privately bluntly flatly plainly"""
)
LY_NOUNS = words(
    """family reply ally assembly supply italy july bully rally elderly anomaly monopoly daily
    weekly monthly early likely"""
)
TITLES = words(
    """mr mrs ms dr prof sir lord lady dame rev sen rep gov gen col lt sgt capt cpl maj adm hon st
    president senator congressman congresswoman representative governor mayor minister
    chancellor secretary general colonel captain sergeant lieutenant judge justice chief
    director chairman chairwoman chair spokesman spokeswoman spokesperson professor doctor
    pope king queen prince princess duke premier ambassador attorney councillor councilman
    councilwoman commissioner inspector detective officer deputy vice former leader coach
    manager analyst candidate nominee actor actress singer author writer reporter journalist
    editor archbishop bishop cardinal father sister brother rabbi imam sheikh ayatollah mp
    sheriff superintendent constable strategist economist historian activist lawyer adviser
    advisor commander admiral major baroness baron count countess emperor sultan emir crown
    foreign prime democratic republican ceo cfo cto businessman billionaire cllr supt insp
    brig msgr mme mlle herr frau circuit alderman chairperson"""
)
HONORIFICS = words(
    """mr mrs ms miss dr prof sir lord lady dame rev sen rep gov gen col lt sgt capt cpl maj adm
    hon president senator congressman congresswoman representative governor mayor minister
    chancellor secretary general colonel captain sergeant lieutenant judge justice professor
    doctor pope king queen prince princess councillor commissioner inspector detective
    officer archbishop bishop cardinal baroness baron superintendent constable sheriff
    ambassador premier chairman chairwoman admiral commander major mp attorney sister sheikh
    ayatollah imam rabbi emperor sultan emir deputy cllr supt insp brig msgr mme mlle herr
    frau señor ald"""
)
INNER = words(
    """wonder hope fear worry wish want plan intend expect aim doubt understand know learn
    realise realize
    recognise recognize feel regret imagine foresee envision dream see consider hear
    assume presume anticipate suspect favour favor oppose support"""
)
"""Inner life: a quote only with a sign of expression in its sentence, none inside a quote (Q7)."""
BODIES = words(
    """council police service company ministry government union club board agency department
    committee university school hospital court office army navy team firm bank authority
    commission group party trust charity museum airline palace church campaign"""
)
DOCUMENTS = words(
    """statement report letter study email e-mail memo tweet post survey poll document filing
    lawsuit affidavit complaint ruling release article editorial book speech interview message
    account announcement analysis review blog essay column op-ed indictment verdict notice paper
    website testimony transcript spokesperson minutes decision judgment judgement
    order motion petition resolution projection projections schedule"""
)
EXPRESSION = words(
    """statement speech interview letter tweet post email online publicly conference briefing
    television radio website testimony rally hearing press remarks essay column editorial blog
    memo campaign debate release"""
)
ABBREVIATIONS = words(
    """mr mrs ms dr prof sen rep gov gen col lt sgt capt cpl maj adm hon rev st jr sr vs etc inc
    ltd co corp no jan feb mar apr jun jul aug sept sep oct nov dec mon tue wed thu fri sat sun
    dept univ assn bros ave blvd rd mt ft p pp vol ed eds fig al approx est mich fla calif tex
    conn mass ariz colo wash ore ala ga ill ind kan ky la md minn miss mo mont neb nev okla pa
    tenn vt va wis wyo del sens reps u.s u.k u.n e.u d.c i.e e.g a.m p.m ph.d
    v cf ca viz messrs pres atty esq cmdr brig pvt pte supt insp det cllr
    bzw nr vgl sog evtl ggf inkl zzgl mio mrd geb z"""
)
"""Words whose full stop ends no sentence, some of them German (z. B., Nr.); "no" is before digits
only."""
CAPITAL_ABBREVIATIONS = words("mar sun sat wed ill mass miss ore wash rep pa mich")
"""Of these, those that are words of their own in lower case."""
MALE = words(
    """john james robert michael william david richard joseph thomas charles christopher daniel
    matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george timothy
    ronald edward jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin
    scott brandon benjamin samuel gregory alexander frank patrick raymond jack dennis jerry
    tyler aaron jose adam nathan henry peter zachary kyle walter noah ethan jeremy harold
    keith christian roger terry carl arthur lawrence sean austin joe albert jesse bryan
    billy bruce ralph roy louis eugene philip bobby johnny bill mike jim tom tim dan bob
    steve ben sam tony chris matt alex nick ahmed mohammed muhammad ali omar ibrahim hassan
    hussein yusuf abdul vladimir sergei ivan dmitry igor juan carlos luis pedro miguel jorge
    fernando rafael pierre jean hans klaus wolfgang jürgen giovanni marco luca otto piet
    kofi kwame raj rahul amit sanjay"""
)
FEMALE = words(
    """mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty
    sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah
    stephanie rebecca sharon laura cynthia dorothy amy kathleen angela shirley emma brenda
    pamela nicole anna samantha katherine christine helen debra rachel carolyn janet maria
    catherine heather diane olivia julie joyce victoria ruth virginia lauren kelly christina
    joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria
    sara janice ann kathryn abigail sophia frances jean alice judy isabella julia grace
    amber denise danielle marilyn beverly charlotte natalie theresa diana brittany doris
    kayla alexis lori marie hillary kate jane anne fatima aisha khadija leila layla yasmin
    natasha olga svetlana tatiana irina elena ines tessa niamh siobhan ingrid astrid claire
    sophie camille chloe lucia carmen rosa pilar priya anjali"""
)

ALSO_NOUNS = words(
    """claim report call talk attack blame praise hope fear wish plan demand promise
    request protest dispute challenge dream doubt regret question support answer
    reply comment remark hint signal forecast estimate guess joke boast charge
    quote mention worry thought aim offer vow pledge order
    bet rant lecture cheer voice welcome object document text post message email"""
)
"""Bare forms that are as often a noun: "a union report", "after the vote"."""
COMMON_VERBS = words(
    """went came took made got gave became saw knew began left kept held brought met ran set sent
    led lost won fell rose grew paid spent built broke spoke chose drove fought caught bought
    taught sold stood understood felt heard let put cut hit hurt cost shut makes takes gets goes
    comes gives keeps leads means seems appears remains becomes begins starts happens works runs
    brings looks helps lets puts loses wins falls rises grows pays faces lies stands sits lives
    plays moves turns tries serves sends meets holds leaves follows includes contains involves
    deserves knows owns drives fails exists needs allows lacks
    lay sat threw drew wore swore stole shook struck slept sought"""
)
"""Finite forms of common verbs whose form alone shows that they are verbs (-ed does for others)."""
ED_NOUNS = words(
    """hundred need seed bed red speed feed united shed breed alleged so-called indeed wed creed
    reed greed unprecedented"""
)
