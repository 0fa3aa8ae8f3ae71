"""Words that take a side: what is done to a target, what is said of it, what it does itself.

Written from general knowledge of English. `VERBS` are positions in the sense of the guidelines
(stance.md, S1); `GOOD` and `BAD` are judgements of a reader, used for polarity toward a given
target and, in speech only, for what a predicate says of its subject.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from onrecord.suggest.english import inflected
from onrecord.suggest.words import words


class Verb(NamedTuple):
    """A verb of position.

    `takes` says where its target stands: "thing" its object; "person" the same, never an act
    (S8: "accused the firm of"); "asked" its object, with what is to
    be done with it ("demand", "want"); "act" an infinitive or an object ("refuse"); "receiver" an
    infinitive after who is asked ("urge"). `heads`: only with one of these nouns in its object.
    `crowd`: its passive without an agent is a position too ("was booed"). `denied`: its denial is
    the opposite position ("does not support", S13). `truth`: of a claim it says that it is false.
    """

    polarity: str
    basis: str
    takes: str = "thing"
    heads: frozenset[str] = frozenset()
    crowd: bool = False
    denied: bool = False
    truth: bool = False


_POSITIONS = {
    ("favor", "explicit", "thing"): """support back welcome praise defend favour favor
        applaud hail commend champion laud love""",
    ("favor", "action", "thing"): "endorse approve adopt ratify co-sponsor",
    ("against", "explicit", "thing"): """oppose criticise criticize condemn denounce dismiss slam
        blast decry deplore lambast lambaste mock ridicule rebuke assail
        castigate deride bemoan fault chastise berate resent hate fight""",
    ("against", "explicit", "person"): "accuse blame",
    ("against", "action", "thing"): """reject ban block veto scrap repeal boycott outlaw disavow sue
        abolish sanction""",
    ("favor", "action", "asked"): "demand propose",
    ("favor", "explicit", "asked"): "want",
    ("favor", "action", "act"): "vote",
    ("against", "action", "act"): "refuse",
    ("favor", "action", "receiver"): "urge implore",
}  # fmt: skip
VERBS: dict[str, Verb] = {}
for (_polarity, _basis, _takes), _words in _POSITIONS.items():
    for _word in _words.split():
        VERBS[_word] = Verb(_polarity, _basis, _takes)
for _word in ("support", "back", "favour", "favor"):
    VERBS[_word] = VERBS[_word]._replace(denied=True)
for _word in ("reject", "dismiss"):
    VERBS[_word] = VERBS[_word]._replace(truth=True)
_LAWS = frozenset(
    words("law bill act treaty decree order petition pact accord measure motion budget resolution")
)
VERBS["decline"] = Verb(
    "against", "action",
    heads=frozenset(words("request offer invitation proposal appeal resignation bid")),
)  # fmt: skip
VERBS["sign"] = Verb("favor", "action", heads=_LAWS - {"order", "pact", "accord"})
VERBS["pass"] = Verb("favor", "action", heads=_LAWS)
for _word in ("boo", "jeer", "heckle"):
    VERBS[_word] = Verb("against", "action", crowd=True)
VERBS["cheer"] = Verb("favor", "action", crowd=True)
PARTICLES = {
    ("vote", "against"): Verb("against", "action"),
    ("vote", "for"): Verb("favor", "action"),
    ("call", "for"): Verb("favor", "action", "asked"),
    ("call", "on"): Verb("favor", "action", "receiver"),
    ("warn", "against"): Verb("against", "explicit"),
    ("brush", "off"): Verb("against", "explicit"),
    ("speak", "against"): Verb("against", "explicit"),
    ("protest", "against"): Verb("against", "action"),
    ("campaign", "against"): Verb("against", "action"),
    ("campaign", "for"): Verb("favor", "action", "asked"),
    ("march", "against"): Verb("against", "action"),
    ("lash", "out"): Verb("against", "explicit"),
    ("rail", "against"): Verb("against", "explicit"),
    ("object", "to"): Verb("against", "explicit"),
    ("agree", "with"): Verb("favor", "explicit", truth=True),
    ("disagree", "with"): Verb("against", "explicit", truth=True),
    ("side", "with"): Verb("favor", "explicit"),
    ("stand", "by"): Verb("favor", "explicit"),
    ("hit", "out"): Verb("against", "explicit"),
    ("push", "for"): Verb("favor", "action", "asked"),
    ("turn", "down"): Verb("against", "action"),
    ("throw", "out"): Verb("against", "action"),
    ("vote", "down"): Verb("against", "action"),
    ("argue", "against"): Verb("against", "explicit"),
    ("caution", "against"): Verb("against", "explicit"),
    ("petition", "for"): Verb("favor", "action", "asked"),
}
CLAIMS = words(
    """suggestion suggestions claim claims allegation allegations accusation accusations report
    reports rumour rumours rumor rumors assertion assertions finding findings conclusion
    conclusions assessment"""
)
NO_HOLDERS = words(
    """warning warnings evidence finding findings forecast forecasts law laws bill rule rules theory
    model models survey poll study studies research data figures results fossil fossils"""
)
"""What supports or calls for something without taking a side (S1)."""
MEANS = words("action actions effort efforts measures measure steps step funds money talks")
"""What is itself asked for, whatever it is to do: "called for action to end it"."""
FACTS = words(
    "good best better right great kind gentle honest terrorist terrorists worse worst dangerous"
)
"""Words of praise and blame that in a predicate are more often plain facts."""
ENDS = words(
    """scrap ban block reject lift end cut stop abolish repeal cancel axe close shut halt drop veto
    withdraw abandon reverse suspend ditch restrict remove waive"""
)
KEEPS = words(
    "keep save approve preserve protect adopt back support pass issue grant ratify endorse license"
)
PHRASES = {
    ("against",): Verb("against", "explicit"),
    ("opposed", "to"): Verb("against", "explicit"),
    ("critical", "of"): Verb("against", "explicit"),
    ("in", "favor", "of"): Verb("favor", "explicit"),
    ("in", "favour", "of"): Verb("favor", "explicit"),
    ("supportive", "of"): Verb("favor", "explicit"),
    ("undecided", "about"): Verb("neutral", "explicit"),
    ("undecided", "on"): Verb("neutral", "explicit"),
    ("neutral", "on"): Verb("neutral", "explicit"),
    ("neither", "for", "nor", "against"): Verb("neutral", "explicit"),
}
"""What a position is where it stands after a form of be."""
DEEDS: dict[tuple[str, str, str], Verb] = {
    ("take", "position", "on"): Verb("neutral", "explicit"),
    ("take", "side", "on"): Verb("neutral", "explicit"),
    ("take", "sides", "on"): Verb("neutral", "explicit"),
    ("take", "stance", "on"): Verb("neutral", "explicit"),
    ("file", "lawsuit", "against"): Verb("against", "action"),
    ("file", "suit", "against"): Verb("against", "action"),
    ("file", "complaint", "against"): Verb("against", "action"),
    ("file", "appeal", "against"): Verb("against", "action"),
    ("impose", "sanctions", "on"): Verb("against", "action"),
    ("express", "support", "for"): Verb("favor", "explicit"),
    ("voice", "support", "for"): Verb("favor", "explicit"),
    ("voice", "opposition", "to"): Verb("against", "explicit"),
}
"""Verb, noun and preposition that together are a position. "take" only with "no"."""
ENDS_WITH = {"shut down", "switch off", "tear down", "throw out", "call off", "rule out", "give up"}
"""Verbs that combine with the position above: "voted to scrap the fee" is against the fee (S9)."""
ACTING = {
    "given": "giving", "put": "putting", "made": "making", "held": "holding", "kept": "keeping",
    "sold": "selling", "built": "building", "taken": "taking", "paid": "paying", "told": "telling",
    "set": "setting", "sent": "sending", "moved": "moving", "freed": "freeing",
    "released": "releasing", "raised": "raising", "used": "using", "closed": "closing",
}  # fmt: skip
"""Participle -> -ing form, where it is not the stem of -ed."""
SPEAKING = words(
    """comment say answer speak discuss confirm name identify elaborate give tell explain disclose
    talk respond reply be"""
)
"""After "refused to" these are no stance (S2)."""

# Predicates that are an opinion of what people decide; nothing that can be a plain fact.
BAD_PREDICATES = words(
    """wrong mistake shameful disgrace disgraceful betrayal disaster unfair unacceptable outrageous
    ridiculous scandal scandalous terrible awful appalling catastrophe catastrophic absurd
    nonsense insult insulting reckless irresponsible cruel foolish stupid dangerous immoral
    unjust undemocratic hypocritical hypocrisy farce travesty joke failure retrograde
    misguided cynical disgusting inexcusable indefensible unforgivable pathetic cowardly
    liar fraud racist sham blunder folly madness lunacy theatre nightmare horrible horrific
    counterproductive unworkable unconstitutional illegitimate tragic deplorable despicable
    abhorrent intolerable shambles rubbish discriminatory heartless callous short-sighted
    ill-conceived inhumane barbaric corrupt incompetent bad unwelcome inappropriate unwarranted
    unnecessary unenforceable undesirable pity ugly stunt complacent
    worse worst useless pointless ludicrous nonsensical terrorist terrorists
    waste flawed dictator ruthless tyrant"""
)
GOOD_PREDICATES = words(
    """brave success triumph excellent fantastic wonderful brilliant superb outstanding admirable
    courageous welcome fair sensible wise overdue historic milestone breakthrough honourable
    honorable exemplary invaluable indispensable magnificent marvellous marvelous terrific
    remarkable inspiring visionary blessing commendable praiseworthy great good best better okay
    right decent loyal iconic humble gentle honest kind understandable justified hero heroic icon
    legend talented genius gentleman nice"""
)

_BAD = words(
    """abuse abusive accused accuse accusation accusations alarm alarming anger angry antagonize
    appalling arrest arrested arrogant assault attack attacked attacks attacking awful
    backlash bad ban banned betray betrayal betrayed bias biased blame blamed blunder bogus
    botched bribe bribery bully bullying callous catastrophe catastrophic chaos chaotic
    cheat cheated clash collapse collapsed complicit conspiracy conspired controversial
    controversy convicted corrupt corruption coward cowardly crime crimes criminal crisis
    critic critical criticism criticisms criticize criticized criticised criticizing
    criticising cruel cruelty damage damaged damaging danger dangerous deadly deceit deceive
    deceived deception defeat defeated defiance defiant demagogue demonize denounce
    denounced deplorable derided despicable despise destroy destroyed destroying disaster
    disastrous discredited discrimination disgrace disgraceful disgusting dishonest dismal
    dismiss dismissed disqualified distort divisive dodge doomed dubious embarrass
    embarrassed embarrassing embarrassment enemy erratic evil exploit exploited extremist
    fail failed failing fails failure failures fake false falsehood falsely falsehoods fear
    feared fears feud fierce fired flawed foolish forced fraud fraudulent furious gaffe
    greedy grim guilty harass harassed harassment harm harmful harsh hate hated hatred hoax
    horrible horrific hostile humiliated humiliating humiliation hurt hypocrisy hypocrite
    hypocritical ignorance ignorant ignored illegal illegally illegitimate immoral impeach
    impeached impeachment incompetence incompetent inept inflammatory infuriated insane
    insult insulted insulting insults investigated investigation irresponsible jail jailed
    killed killing lawsuit lawsuits liar lie lied lies lose loser loses losing loss lost
    lying mad malicious mess misconduct mislead misleading misled mistake mistakes mistrust
    mock mocked mocking murder nasty naive nazi negligence negligent nepotism nonsense
    notorious obscene obstruct obstructed obstruction offended offensive opposed opposition
    oppress oppressive outrage outraged outrageous perjury pervert plagued plot plotted
    poison poor problem problematic prosecuted protest protests punish punished racism
    racist radical rage rape raped reckless refuse refused reject rejected ridicule
    ridiculed ridiculous rigged ruin ruined ruthless scandal scandals scapegoat scathing
    scheme scorn sexist shady sham shame shameful shooting slam slammed smear snub
    spied stole stolen struggle struggled struggling stupid sued suffer suffered suspicion
    suspicious suspended tantrum terrible terrorist threat threaten threatened threatening
    threats thug torture toxic tragedy traitor treason trouble troubled troubling tyrant
    ugly unacceptable undermine undermined undermines undermining unethical unfair unfit
    unhinged unlawful unpopular unprecedented unqualified unstable untrue victim victimized
    vicious violate violated violating violation violations violence violent vile vulgar
    weak weakness weaken whine worst wrong wrongdoing wrongly xenophobic condemned condemn
    condemning blasted slams rips ripped lashed warned worried worry worrying bemoaned
    scolded rebuke rebuked rebuffed ousted resign resigned sacked misogynist misogyny bigot
    bigoted bigotry authoritarian dictator disrespect disrespectful fabricated inaccurate
    inappropriate indicted interfere interfered meddling meddled predator propaganda
    sabotage slander slur unpatriotic weaponize"""
)
_GOOD = words(
    """accomplish accomplished accomplishment achieve achieved achievement achievements acclaim
    acclaimed admire admired admiration adored advance advantage affection applaud applauded
    applause appreciate appreciated award awarded beautiful beloved benefit benefited best
    better blessed bold bravery brave breakthrough bright brilliant calm capable celebrate
    celebrated champion charismatic charm charming cheer cheered comfort committed
    compassion compassionate competent confidence confident congratulate congratulated
    congratulations courage courageous credible credit credited creative decent dedicated
    dedication defended defend delight delighted deserve deserved deserves dignity
    distinguished eager effective efficient eloquent encouraging endorse endorsed
    endorsement enjoy enjoyed enthusiasm enthusiastic ethical excellent exceptional excited
    exciting experienced expert expertise extraordinary fair faithful famous fantastic favor
    favorite favourite fearless friend friendly friends generous genius gift gifted glad
    glorious good graceful gracious grateful great greatest groundbreaking hail hailed happy
    hard-working hero heroes heroic hilarious historic honest honesty honor honored honour
    honoured hope hopeful humble icon iconic impressive impressed improve improved
    improvement inspire inspired inspiring inspiration integrity intelligent invaluable joy
    joyful kind kindness landmark laud lauded leader legend legendary like liked love loved
    lovely loyal loyalty magnificent outstanding passionate patient patriot patriotic peace
    perfect pleased popular popularity positive powerful praise praised praises praising
    prestigious pride progress promising prominent protect protected protecting proud
    qualified remarkable rescued resilient respect respected respectful restore restored
    rewarded right save saved savior sensible sincere skilled smart solid stellar strong
    stronger succeed succeeded success successful successfully superb superior support
    supported supporter supporters supporting supportive supports talent talented terrific
    thank thanked thankful thanks thrilled thrive tireless top tough tribute triumph
    triumphant trust trusted truth unite united uplifting victory vindicated vital warm
    welcome welcomed well win winner winning wins wisdom wise won wonderful worthy accolades
    backed backing backs"""
)

# Verbs of judging: their object is judged, their subject is not.
JUDGING = words(
    """criticize criticise condemn denounce blast slam attack accuse blame mock ridicule rebuke
    dismiss reject oppose deride insult threaten warn hit praise applaud hail laud endorse
    support back welcome defend admire celebrate thank congratulate honor honour love like
    hate fear trust respect prefer target sue investigate impeach fire oust punish arrest
    charge snub ignore undermine smear scold lambaste castigate assail berate chastise
    question challenge confront vilify demonize skewer credit commend champion favor favour
    embrace"""
)


@cache
def valence() -> dict[str, int]:
    """Word -> 1 or -1."""
    out = dict.fromkeys(_BAD, -1)
    for word in _GOOD:
        out.setdefault(word, 1)
    for word in BAD_PREDICATES:
        out.setdefault(word, -1)
    for word in GOOD_PREDICATES:
        out.setdefault(word, 1)
    return out


@cache
def judging_forms() -> dict[str, str]:
    """Form -> base of the verbs of judging."""
    return {form: verb for verb in sorted(JUDGING) for form in inflected(verb)}


@cache
def done() -> dict[str, str]:
    """Participle -> base of the verbs that combine with a position."""
    return {form: verb for verb in sorted(ENDS | KEEPS) for form in inflected(verb)[2:]}


@cache
def forms() -> dict[str, str]:
    """Form -> base of every position verb, heads of particle verbs among them."""
    out: dict[str, str] = {}
    for verb in [*VERBS, *(head for head, _ in PARTICLES), *(head for head, _, _ in DEEDS)]:
        for form in inflected(verb):
            out.setdefault(form, verb)
    return out
