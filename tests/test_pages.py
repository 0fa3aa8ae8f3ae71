"""Pages: what is the article, what the page states about it, and pages made to break things."""

import html
import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onrecord.articles import page_lines, pages, pasted
from onrecord.articles.convert import convert
from onrecord.articles.documents import Document
from onrecord.records import Article, Problem, Source
from onrecord.text import PARAGRAPH_BREAK

STORY = [
    f"The harbour board heard the {nth} of five speakers, who asked it to keep the ferry running."
    for nth in ("first", "second", "third", "fourth", "fifth")
]
HEADLINE = "Harbour board to keep the night ferry"


def page(body: str = "", *, head: str = "", h1: str = HEADLINE) -> str:
    """A page whose article is STORY, with `head` in its head and `body` under the headline."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in STORY)
    return (
        f'<!doctype html><html lang="en"><head><title>{h1} | The Quay</title>{head}</head>'
        f"<body><main><article><h1>{h1}</h1>{body or '{}'}</article></main></body></html>"
    ).replace("{}", text)


def read(markup: str) -> pages.Page:
    found = pages.read(markup)
    assert found is not None
    return found


def body_of(markup: str) -> list[str]:
    return [text for role, text in read(markup).paragraphs if role in ("body", "subhead")]


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def stating(**fields: str) -> str:
    return json_ld(json.dumps({"@type": "NewsArticle", **fields}))


def document(markup: str) -> Document:
    source = Source(
        file="a.html", media_type="text/html", charset="utf-8", bytes=1, sha256="0" * 64
    )
    return Document(source, "The Quay", markup, {}, html=True)


# --- the text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "clutter",
    [
        '<p>Related: <a href="/other">Ferry captain retires after forty years at sea</a></p>',
        '<div class="newsletter-box"><p>All the tides in one letter, every Friday.</p></div>',
        '<ul><li><a href="/1">Pier to close</a></li><li><a href="/2">Eels are back</a></li>'
        '<li><a href="/3">Lock keeper wins</a></li></ul>',
        "<p>We may earn a commission from links on this page.</p>",
        '<p class="sr-only">Skip to the end of the gallery, which has four pictures.</p>',
    ],
)
def test_boxes_between_paragraphs_are_no_text(clutter: str) -> None:
    between = "".join(f"<p>{p}</p>{clutter if i == 2 else ''}" for i, p in enumerate(STORY))
    assert body_of(page(between)) == STORY


OWN_ADDRESS = '<link rel="canonical" href="https://www.quay.example/ferry">'


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ('<a href="https://lock.example/1">The timetable of the night ferry, as printed</a>', True),
        (
            '<a href="https://lock.example/1">The timetable of the night ferry and of all the '
            "other boats that leave the harbour of Orrin, with their fares and the tides</a>",
            True,
        ),
        ('<a href="mailto:a@quay.example">night-ferry-and-its-friends@quay.example</a>', True),
        (
            '<a href="https://quay.example/1">The timetable of the night ferry, as printed</a>',
            False,
        ),
        ('<a href="https://sea.quay.example/1">A timetable of the ferry, as printed</a>', False),
        ('<a href="/1">The timetable of the night ferry, as printed</a>', False),
        ('<a href="https://lock.example/1">Find more of what the lock has for sale:</a>', False),
    ],
)
def test_a_link_is_a_paragraph_where_it_leads_to_another_site(line: str, stays: bool) -> None:
    text = re.sub("<[^>]*>", "", line)
    said = [*STORY[:3], text, *STORY[3:]]
    between = "".join(f"<p>{line if said == text else said}</p>" for said in said)
    assert body_of(page(between, head=OWN_ADDRESS)) == (said if stays else STORY)


@pytest.mark.parametrize(("where", "stays"), [("https://lock.example", True), ("", False)])
def test_a_list_of_links_is_text_where_they_lead_to_another_site(where: str, stays: bool) -> None:
    names = [
        f"{what} of the night ferry and of all the other boats that leave the harbour of Orrin"
        for what in ("The timetable", "The fares", "The captains", "A chart")
    ]
    items = "".join(f'<li><a href="{where}/{n}">{name}</a></li>' for n, name in enumerate(names))
    listed = page(f"{{}}<ul>{items}</ul><p>{STORY[0][:-1]} for good.</p>", head=OWN_ADDRESS)
    assert [text for text in body_of(listed) if text in names] == (names if stays else [])


def test_an_archive_names_itself_before_the_page_that_a_link_leads_to() -> None:
    kept = "https://archive.example/web/2021/https:/www.quay.example/"
    link = f'<a href="{kept}eels">The eels are back in the harbour, says the house</a>'
    between = f"<p>{STORY[0]}</p><p>{link}</p>" + "".join(f"<p>{text}</p>" for text in STORY[1:])
    head = f'<link rel="canonical" href="{kept}ferry">'
    assert body_of(page(between, head=head)) == STORY


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Ada Quill is a reporter at The Quay who covers harbours.", "under-story"),
        ("Contact Ada Quill at ada@quay.example or on 0100 0000.", "under-story"),
        ("This story was originally published in The Lock.", "under-story"),
        ("Photo via The Lock", "credit"),
        ("Photography by Ned Orr.", "credit"),
        ("Get the tides and the best of the quay e-mailed to you every day.", "newsletter"),
    ],
)
def test_lines_under_a_story_are_cut_and_recorded(line: str, rule: str) -> None:
    markup = page("{}" + f"<p>{line}</p>")
    found = read(markup)
    assert [text for role, text in found.paragraphs if role == "body"] == STORY
    assert [(markup[start:end], rule) for start, end, rule in found.removed] == [(line, rule)]
    article = convert(document(markup))
    assert isinstance(article, Article)
    assert [cut.reason for cut in article.removed] == [pages.REASONS[rule]]
    assert article.credit == ([line] if rule == "credit" else [])


def test_an_opening_without_a_full_stop_is_text_and_labels_above_it_are_none() -> None:
    opening = "Of all that the harbour board had to say in a long night about the one ferry that "
    opening += "still runs after dark, the most was said in its first minute"
    between = f"<p>Long read</p><p>By Ada Quill</p><p>{opening}</p>" + "{}"
    assert body_of(page(between)) == [opening, *STORY]


@pytest.mark.parametrize(
    ("heading", "kept"), [("What they asked for", True), ("By Ada Quill", False)]
)
def test_a_heading_above_the_text_is_one_of_several_in_it(heading: str, kept: bool) -> None:
    first, second = f"<h2>{heading}</h2>", "<h2>What the board said</h2>"
    text = f"{first}{paragraphs(*STORY)}{second}{paragraphs(*DAYS[:4])}"
    last = f"<h2>What comes next</h2>{paragraphs(*DAYS[4:])}"
    assert (body_of(page(text + last))[0] == heading) == kept
    # A single one further down is no plan of the text.
    assert body_of(page(text))[0] == STORY[0]


def test_the_headline_behind_its_kicker_is_no_heading_of_the_text() -> None:
    text = f"<h2>Ferries {HEADLINE}</h2>{paragraphs(*STORY)}<h2>Who spoke</h2>"
    text += f"{paragraphs(*DAYS[:4])}<h2>Who stayed away</h2>{paragraphs(*DAYS[4:])}"
    assert body_of(page(text))[0] == STORY[0]


def test_a_story_may_open_in_short_lines_and_labels_above_it_are_none() -> None:
    lines = ["On Monday,", "at the end of a long night,", "the board met.", "Who came?", "Nobody."]
    between = "".join(f"<p>{line}</p>" for line in ["Long read", "By Ada Quill", *lines])
    assert body_of(page(between + "{}")) == [*lines, *STORY]
    between = "".join(f"<p>{line}</p>" for line in ["Long read", "By Ada Quill", *lines[:2]])
    assert body_of(page(between + "{}")) == STORY


def test_short_lines_behind_an_editors_note_stay() -> None:
    note = "<p>Editor's note: this talk was shortened and some of its names were changed.</p>"
    lines = ["Who spoke", "Five speakers"]
    between = f"<p>By Ada Quill</p>{note}" + "".join(f"<p>{line}</p>" for line in lines)
    assert body_of(page(between + "{}")) == [*lines, *STORY]


def test_a_list_that_says_what_a_heading_says_stays_and_a_pull_quote_goes() -> None:
    names = ["The night ferry for all who work late", "The day ferry and its two decks of cars"]
    items = "".join(f"<li>{name}</li>" for name in names)
    heads = "".join(f"<h2>1. {name}</h2><p>{STORY[3]}</p>" for name in names)
    quote = f"<blockquote><p>{STORY[1]}</p></blockquote>"
    said = "".join(f"<p>{paragraph} {paragraph[:-1]} again.</p>" for paragraph in STORY[:3])
    found = body_of(page(f"{said}<ul>{items}</ul>{quote}{heads}"))
    assert [text for text in found if text in names] == names
    assert STORY[1] not in found


def test_a_pull_quote_opens_with_a_capital_wherever_its_sentence_begins() -> None:
    told = f"{STORY[2][:-1]}, since a pier without a ferry is a bench in the wind."
    quote = "<blockquote><p>‘A pier without a ferry’</p></blockquote>"
    text = paragraphs(*STORY[:2], told)
    assert body_of(page(f"{text}{quote}{paragraphs(*STORY[3:])}")) == [*STORY[:2], told, *STORY[3:]]
    # Of four words it may be what somebody else says.
    quote = "<p>“It is too late.”</p>"
    told = f"{STORY[2][:-1]}, but there are some for whom it is too late."
    text = paragraphs(*STORY[:2], told)
    assert "“It is too late.”" in body_of(page(f"{text}{quote}{paragraphs(*STORY[3:])}"))


REFERENCE = (
    '<div class="q-box"><h4>What we said in 1931</h4><p>The Quay asked for a ferry at night'
    ' in 1931. <a href="/old">From our archive</a></p></div>'
)


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        (REFERENCE, False),
        (REFERENCE.replace(' <a href="/old">From our archive</a>', ""), True),
        (REFERENCE.replace("From our archive", "A ferry at night was never dear."), True),
        (REFERENCE.replace("<h4>What we said in 1931</h4>", ""), True),
    ],
    ids=["reference", "no link", "sentence", "no heading"],
)
def test_a_box_that_leads_elsewhere_is_no_part_of_the_story(box: str, kept: bool) -> None:
    found = body_of(page(f"{paragraphs(*STORY[:3])}{box}{paragraphs(*STORY[3:])}"))
    assert [text for text in found if text in STORY] == STORY
    assert any("asked for a ferry" in text for text in found) == kept


EXPLAINER = (
    '<div class="group has-background"><h4>Who runs the ferry?</h4><p>The board owns the boat,'
    " and the town the quay.</p></div>"
)


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        (EXPLAINER, False),
        (EXPLAINER.replace("group has-background", "x encadre"), False),
        (f"<div>{EXPLAINER.replace('has-background', '')}</div>", True),
        (f"<div class='has-border'>{EXPLAINER.replace('has-background', '')}</div>", False),
        (EXPLAINER.replace("<h4>Who runs the ferry?</h4>", ""), True),
        (f"{EXPLAINER}<h4>And the quay?</h4>", True),
        (EXPLAINER * 3, True),
        (EXPLAINER.replace("the quay.", f"the quay.{' It is an old quay.' * 60}"), True),
    ],
    ids=["set off", "named", "plain", "shell", "no heading", "parts", "pieces", "long"],
)
def test_a_box_behind_which_the_story_goes_on_as_before_is_no_part_of_it(
    box: str, kept: bool
) -> None:
    found = body_of(page(f"{paragraphs(*STORY[:3])}{box}{paragraphs(*STORY[3:])}"))
    assert [text for text in found if text in STORY] == STORY
    assert any("owns the boat" in text for text in found) == kept


def test_a_box_under_a_story_is_not_set_into_it() -> None:
    assert "Who runs the ferry?" in body_of(page(f"{{}}{EXPLAINER}"))


def test_pieces_of_a_story_may_each_end_with_a_link() -> None:
    pieces = "".join(REFERENCE.replace("1931", f"{year}") for year in range(1931, 1937))
    found = body_of(page(f"{paragraphs(STORY[0])}{pieces}"))
    assert sum("asked for a ferry" in text for text in found) > 1


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        (
            "FILE - The pier on Sunday. (Ned Orr/The Lock)",
            "FILE - The pier on Sunday. (Ned Orr/The Lock)",
            "",
        ),
        ("The pier on Sunday in snow. Pic: Ned Orr", "The pier on Sunday in snow.", "Ned Orr"),
        ("Image: the pier on a Sunday in May", "Image: the pier on a Sunday in May", ""),
        ("Image: Ned Orr/The Lock", "", "Ned Orr/The Lock"),
    ],
)
def test_a_caption_among_the_paragraphs_is_a_caption(line: str, caption: str, credit: str) -> None:
    said = [STORY[0], line, *STORY[1:]]
    found = read(page("".join(f"<p>{text}</p>" for text in said)))
    captions = [("caption", caption)] if caption else []
    body = [("body", text) for text in STORY]
    assert found.paragraphs == [("headline", HEADLINE), body[0], *captions, *body[1:]]
    assert found.credit == ([credit] if credit else [])


@pytest.mark.parametrize(
    "caption",
    ["The pier. Orrin Day", "It opens on May 3. More on p. 12", "Ice on the pier. And so on."],
)
def test_not_all_that_stands_behind_a_sentence_of_a_caption_is_a_name(caption: str) -> None:
    found = read(page(f"<figure><img><figcaption>{caption}</figcaption></figure>" + "{}"))
    assert ("caption", caption) in found.paragraphs
    assert found.credit == []


def test_a_caption_that_its_figure_holds_and_the_text_repeats_stands_once() -> None:
    caption = "The pier on Sunday in snow."
    figure = f"<figure><img><figcaption>{caption} Pic: Ned Orr</figcaption></figure>"
    found = read(page(figure + f"<p>{caption} Pic: Ned Orr</p>" + "{}"))
    assert [text for role, text in found.paragraphs if role == "caption"] == [caption]
    assert found.credit == ["Ned Orr"]


def test_a_story_in_pieces_is_found_whole() -> None:
    pieces = [STORY[:1], STORY[1:4], STORY[4:]]
    blocks = "".join(
        f'<div class="x1">{"".join(f"<p>{p}</p>" for p in piece)}</div><div class="x2"></div>'
        for piece in pieces
    )
    assert body_of(bare(page(f'<div class="x0">{blocks}</div>'))) == STORY


def bare(markup: str) -> str:
    """A page that does not say which element is its story."""
    for tag in ("main", "article"):
        markup = markup.replace(f"<{tag}>", "<div>").replace(f"</{tag}>", "</div>")
    return markup


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_the_opening_of_a_story_may_stand_in_a_box_of_its_own() -> None:
    first, *rest = STORY
    boxes = f'<div class="x1">{paragraphs(first)}</div><div class="x2">{paragraphs(*rest)}</div>'
    assert body_of(bare(page(f'<div class="x0">{boxes}</div>'))) == STORY


def test_a_small_part_of_a_story_may_have_a_name_that_stories_have() -> None:
    part = f'<div class="x1"><div class="section-content">{paragraphs(*STORY)}</div></div>'
    rest = [f"In week {day} {text[0].lower()}{text[1:]}" for day in range(3) for text in DAYS]
    boxes = "".join(f'<div class="x1"><div>{paragraphs(text)}</div></div>' for text in rest)
    markup = page(f"{part}{boxes}").replace("<article>", "<div>").replace("</article>", "</div>")
    assert body_of(markup) == [*STORY, *rest]


@pytest.mark.parametrize("name", ["x1", "more hidden"])
def test_the_rest_of_a_story_may_stand_in_a_box_behind_its_opening(name: str) -> None:
    first, *rest = STORY
    more = f'<div class="{name}">{paragraphs(*rest, *DAYS)}</div>'
    assert body_of(bare(page(f'<div class="x0"><p>{first}</p>{more}</div>'))) == [
        first,
        *rest,
        *DAYS,
    ]


def test_what_a_page_sets_as_code_is_text() -> None:
    code = "<pre>send(<span>letter</span>, to=harbour)\nwait(<span>long</span>)</pre>"
    markup = page("{}").replace(f"<p>{STORY[1]}</p>", f"{code}<p>{STORY[1]}</p>")
    assert body_of(markup) == [STORY[0], "send(letter, to=harbour) wait(long)", *STORY[1:]]


def test_code_set_in_a_table_beside_the_numbers_of_its_lines_is_text() -> None:
    code = "<td><pre>1\n2</pre></td><td><pre>send(letter, to=harbour)\nwait(long)</pre></td>"
    markup = page("{}").replace(
        f"<p>{STORY[1]}</p>", f"<table><tr>{code}</tr></table><p>{STORY[1]}</p>"
    )
    assert body_of(markup) == [STORY[0], "send(letter, to=harbour) wait(long)", *STORY[1:]]


def test_a_paragraph_that_tells_of_signing_up_is_text() -> None:
    told = "She tried to sign up, but was asked for an email address that nobody on the quay has."
    between = page("{}").replace(f"<p>{STORY[1]}</p>", f"<p>{told}</p><p>{STORY[1]}</p>")
    assert body_of(between) == [STORY[0], told, *STORY[1:]]


def test_other_stories_that_fill_most_of_a_page_are_not_taken_for_its_story() -> None:
    said = "The lock keeper of Orrin, who has let boats through for forty years, wins a medal of"
    teasers = [
        f'<div class="x1"><h3><a href="/{i}">Lock keeper wins</a></h3><p>{said * 5} {i}.</p></div>'
        for i in range(4)
    ]
    markup = bare(page('<div id="story">{}</div>'))
    under = f'<div class="x2">{"".join(teasers)}</div></body>'
    assert body_of(markup.replace("</body>", under)) == STORY


def test_the_house_at_the_foot_of_a_page_is_not_taken_for_its_story() -> None:
    story = "".join(f"<p>{p[: p.index(',')]}.</p>" for p in STORY)
    house = "The Quay is printed by Una Farr at the lock in Orrin and asks you to be kind to it."
    foot = f'<div class="foot"><div class="x1"><p>{house}</p></div></div></body>'
    markup = bare(page(f'<div class="story-body">{story}</div>')).replace("</body>", foot)
    assert house not in body_of(markup)


def cards(address: str, told: str) -> str:
    """Boxes side by side, each with a heading that leads to another page and a sentence."""
    return "".join(
        f'<div class="x1"><a href="{address}{i}"><h3>The keeper of lock {i}</h3></a>'
        f"<p>{told} {i}.</p></div>"
        for i in range(4)
    )


@pytest.mark.parametrize("address", ["/locks/", "https://www.quay.example/locks/"])
def test_cards_that_lead_to_other_stories_of_the_site_go(address: str) -> None:
    told = "He has let boats through for forty years and wins a medal of tin, class"
    head = '<link rel="canonical" href="https://quay.example/ferry">'
    assert body_of(page("{}" + cards(address, told), head=head)) == STORY


@pytest.mark.parametrize(
    "address",
    [
        "https://twitter.com/quay/status/17",
        "https://x.com/quay/status/17?s=20",
        "https://www.instagram.com/p/Ab1/",
    ],
)
def test_a_post_set_into_the_page_goes_whatever_it_is_called(address: str) -> None:
    post = f"<p>The night boat is the best boat of all.</p> Ada <a href='{address}'>May 3</a>"
    markup = page("{}").replace(
        f"<p>{STORY[1]}</p>", f"<blockquote class='x1'>{post}</blockquote><p>{STORY[1]}</p>"
    )
    assert body_of(markup) == STORY


def test_a_quote_that_links_to_its_source_stays() -> None:
    said = "The night boat is the best boat of all, and it must sail as long as there is a sea."
    quote = (
        f"<blockquote><p>{said}</p> <a href='https://quay.example/may'>A letter</a></blockquote>"
    )
    markup = page("{}").replace(f"<p>{STORY[1]}</p>", f"{quote}<p>{STORY[1]}</p>")
    assert any(text.startswith(said) for text in body_of(markup))


@pytest.mark.parametrize(
    ("wall", "kept"),
    [
        ("<h3>Read on with Quay+</h3><ul><li>Every tide</li></ul><a href='/buy'>Try</a>", False),
        (f"<p>It is the oldest boat here.{' It never sank.' * 5}</p><a href='/buy'>Try</a>", True),
        ("<p>The board votes on it in May.</p>", True),
    ],
    ids=["offer", "text", "no link"],
)
def test_a_box_that_offers_the_rest_of_a_story_goes(wall: str, kept: bool) -> None:
    found = body_of(page(f"{{}}<div class='paywall'>{wall}</div>{paragraphs(*DAYS)}"))
    assert [text for text in found if text in (*STORY, *DAYS)] == [*STORY, *DAYS]
    assert (len(found) > len(STORY) + len(DAYS)) == kept


@pytest.mark.parametrize("field", ["type='email'", "name='MAIL_mail'", "placeholder='Your e-mail'"])
def test_a_box_for_the_readers_address_goes(field: str) -> None:
    box = f"<div class='x1'><p>The tides of the week, on Fridays.</p><input {field}></div>"
    markup = page("{}").replace(f"<p>{STORY[1]}</p>", f"{box}<p>{STORY[1]}</p>")
    assert body_of(markup) == STORY


def test_a_story_with_a_field_for_the_readers_address_stays() -> None:
    assert body_of(page("{}<input type='email'>")) == STORY


def test_the_first_article_of_a_page_may_be_the_card_of_another_story() -> None:
    asked = "".join(
        f"<li>Number {i}: a lamp on the pier, for when the boat is late.</li>" for i in range(3)
    )
    card = "<article><a href='/locks/1'>The keeper of the lock wins a medal</a></article>"
    markup = page(paragraphs(*STORY, *DAYS) + f"<ul>{asked}</ul>")
    markup = markup.replace("<main>", f"<div>{card * 3}</div><div>").replace("</main>", "</div>")
    assert len(body_of(markup)) == len(STORY) + len(DAYS) + 3


@pytest.mark.parametrize("name", ["div", "main"])
@pytest.mark.parametrize("link", ["{}", "<a href='?post=1'>{}</a>"])
@pytest.mark.parametrize("box", ["article", "div itemprop='articleBody'"])
def test_the_posts_of_a_live_blog_are_one_story(name: str, link: str, box: str) -> None:
    heads = ["The first speaker", "The second", "The boat leaves", "The boat is back"]
    posts = [STORY[:2], STORY[2:], DAYS[:4], DAYS[4:]]
    opening = "The board talks about the night ferry, and here is what was said, from the start."
    told = "".join(
        f"<{box}><h2>{link.format(head)}</h2>{paragraphs(*post)}</{box.split(maxsplit=1)[0]}>"
        for head, post in zip(heads, posts, strict=True)
    )
    markup = f"<html><body><{name}><h1>{HEADLINE}</h1><p>{opening}</p>{told}</{name}></body></html>"
    expected = [opening]
    for head, post in zip(heads, posts, strict=True):
        expected += [head, *post]
    assert body_of(markup) == expected


def test_the_only_article_of_a_page_may_be_the_card_of_another_story() -> None:
    card = "<article><h3>Eels are back</h3><p>Nine of them were seen at the lock.</p></article>"
    said = f"{paragraphs(*STORY)}<h2>The boats</h2><ul><li>The Ada</li><li>The Cy Dow</li></ul>"
    body = f"<div><h1>{HEADLINE}</h1></div><div>{said}</div><div>{card}</div>"
    markup = f"<html><head><title>{HEADLINE}</title></head><body>{body}</body></html>"
    assert body_of(markup) == [*STORY, "The boats", "The Ada", "The Cy Dow"]


@pytest.mark.parametrize("h1", ["<h1>{}</h1><article>", "<article><h1>{}</h1>"])
@pytest.mark.parametrize("linked", ["", "<h3><a href='/{}'>Another story of the town</a></h3>"])
def test_articles_beside_the_one_of_the_headline_are_other_stories(h1: str, linked: str) -> None:
    others = "".join(f"<article class='card'>{linked}<p>{day}</p></article>" for day in DAYS)
    text = f"{h1.format(HEADLINE)}{paragraphs(*STORY)}</article>"
    assert body_of(f"<html><body><main>{text}{others}</main></body></html>") == STORY


def test_articles_whose_headings_lead_to_their_pages_are_other_stories() -> None:
    posts = "".join(
        f"<article><h2><a href='/{i}'>Post {i} of the harbour</a></h2>{paragraphs(*post)}</article>"
        for i, post in enumerate((STORY, DAYS[:4], DAYS[4:]))
    )
    assert body_of(f"<html><body><main><h1>{HEADLINE}</h1>{posts}</main></body></html>") == STORY


NEXT = [
    f"The lock keeper counted the {nth} of three barges that came down from the mill at dawn."
    for nth in ("first", "second", "last")
]


def test_the_next_stories_of_the_site_below_the_first_go_with_their_captions() -> None:
    other = (
        "<article><h1>Three barges at the lock</h1><figure><img src='b.jpg'><figcaption>The lock."
        f" (Image: Ned Orr)</figcaption></figure>{paragraphs(*NEXT)}</article>"
    )
    found = read(page().replace("</article>", f"</article>{other * 3}"))
    assert found.paragraphs == [("headline", HEADLINE), *(("body", text) for text in STORY)]
    assert found.credit == []


def test_a_headline_in_a_box_of_its_own_leaves_the_story_where_it_is() -> None:
    opened = f"<article><h1>{HEADLINE}</h1></article><article><h1>The ferry</h1>"
    markup = page().replace(f"<article><h1>{HEADLINE}</h1>", opened)
    assert [text for role, text in read(markup).paragraphs if role == "body"] == STORY


def test_what_a_page_says_is_beside_the_story_goes_unless_it_is_the_story() -> None:
    beside = (
        f'<section role="complementary"><ul><li>{NEXT[0]}</li><li>{NEXT[1]}</li></ul></section>'
    )
    assert body_of(page("{}" + beside)) == STORY
    assert body_of(page('<div role="complementary">{}</div>')) == STORY


@pytest.mark.parametrize("between", ["", "\n"])
@pytest.mark.parametrize("many", [1, 2])
def test_a_brief_in_a_few_words_has_its_paragraphs(many: int, between: str) -> None:
    brief = [
        "The ferry to the island came two hours late on Monday, said the harbour master, since its"
        " engine had failed in the night.",
        "Passengers waited in the hall and were given tea, and most of them went home by noon.",
    ][:many]
    text = paragraphs("By Ada Bell", *brief).replace("</p>", f"</p>{between}")
    head = "<head><title>Ferry is late</title></head>"
    found = read(
        f"<html>{head}<body><article><h1>Ferry is late</h1>{between}{text}</article></body>"
    )
    assert found.paragraphs == [("headline", "Ferry is late"), *(("body", text) for text in brief)]


def test_an_article_within_a_menu_left_open_has_its_paragraphs() -> None:
    markup = page("{}<h2>The vote</h2>" + paragraphs(*NEXT)).replace("</p>", "</p> ")
    within = markup.replace("<main>", "<nav><a href='/'>News</a><main>")
    assert read(within).paragraphs[1:] == [
        *(("body", text) for text in STORY),
        ("subhead", "The vote"),
        *(("body", text) for text in NEXT),
    ]


def test_a_question_and_its_answer_behind_a_line_break_are_not_listed_as_removed() -> None:
    asked = "<p><b>Who pays?</b><br>The board does.</p>"
    found = read(page(f"{{}}{asked}{paragraphs(*DAYS)}"))
    assert ("body", "Who pays? The board does.") in found.paragraphs
    assert not found.removed


@pytest.mark.parametrize(
    ("heading", "kept"),
    [
        ("31 Responses to “Harbour board”", False),
        ("4 Kommentare", False),
        ("Un commentaire", True),
        ("4 responses to the storm", True),
        ("About the author", False),
        ("Über die Autorin", False),
        ("About the harbour", True),
        ("Comments", False),
        ("Readers’ comments", False),
        ("The board comments", True),
        ("Data and code", False),
        ("Corrections", True),
        ("Funeral arrangements", True),
    ],
)
def test_a_heading_above_what_is_not_the_story_closes_it(heading: str, kept: bool) -> None:
    said = "I have swum home from there in June and in January, and I am none the worse for it."
    body = body_of(page("{}" + f"<h3>{heading}</h3><p>{said}</p>"))
    assert body == ([*STORY, heading, said] if kept else STORY)


@pytest.mark.parametrize(
    ("added", "kept"),
    [
        (
            "<h3>Corrections</h3><p>An earlier version of this report gave her another name.</p>",
            False,
        ),
        ("<h3>Funeral arrangements</h3><p>Reposing at Orr's from four. No flowers.</p>", False),
        (
            "<h3>Data and code</h3><p>With the board.</p><h3>What is next</h3><p>Nobody knows.</p>",
            True,
        ),
        (
            "<h3>Data and code</h3><p>With the board.</p><h3>Journal reference</h3><p>Orr, 9.</p>",
            False,
        ),
    ],
)
def test_what_the_house_adds_under_its_headings_is_no_text(added: str, kept: bool) -> None:
    said = [text for _, text in re.findall(r"<(h3|p)>(.*?)</", added)]
    assert body_of(page("{}" + added)) == ([*STORY, *said] if kept else STORY)


NOTED = re.compile(r"\.(?=</p>)")


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (
            '.<sup><a id="r1" href="#n1">1</a></sup>',
            '<ol><li id="n1">{} <a href="#r1">↩︎</a></li></ol>',
        ),
        (
            '.<sup id="r1">[<a href="https://www.quay.example/ferry#n1">1</a>]</sup>',
            '<div><a id="n1" href="#r1">1</a><div><p>{}</p></div></div>',
        ),
        (".", '<ol><li id="fn1">{} <a href="#gone">Back to text</a></li></ol>'),
    ],
    ids=["list", "box", "no mark"],
)
def test_what_leads_to_a_footnote_and_back_is_no_text(mark: str, note: str) -> None:
    said = "It was built in 1931, says her daughter."
    text = NOTED.sub(mark, paragraphs(*STORY), count=1)
    assert body_of(page(f"{text}{note.format(said)}", head=OWN_ADDRESS)) == [*STORY, said]


@pytest.mark.parametrize(
    "link",
    ['<a href="#n2">1</a>', '<a href="https://lock.example/ferry#n1">1</a>', '<a href="#n1">1</a>'],
    ids=["nowhere", "another page", "no way back"],
)
def test_a_figure_that_leads_to_no_footnote_stays(link: str) -> None:
    said = "The board counts 1 as the best of all its boats, says Orr."
    text = f"{paragraphs(*STORY)}<p>{said.replace('1', link)}</p>"
    body = body_of(page(f"{text}<p id='n1'>It was built in 1931, says her daughter.</p>"))
    assert said in body


def test_readers_who_wrote_more_than_the_paper_go_too() -> None:
    body = body_of(page("{}<h3>9 comments</h3>" + paragraphs(*DAYS, *DAYS[:2])))
    assert body == STORY


def test_a_long_part_of_a_text_may_be_called_comments() -> None:
    body = body_of(page("{}<h3>Comments</h3>" + paragraphs(*DAYS)))
    assert body == [*STORY, *DAYS]


def test_where_little_is_found_of_an_article_more_is_looked_for() -> None:
    said = paragraphs(*STORY[:3])
    markup = page(f"<div class='x1'>{paragraphs(*DAYS, *STORY)}</div>")
    markup = markup.replace("<main>", f"<div class='post-content'>{said}</div><main>")
    assert set(DAYS) <= set(body_of(markup))


def test_a_list_of_things_to_buy_elsewhere_is_text() -> None:
    told = "It keeps the rain out at two in the morning and has a pocket for a lamp, size"
    body = body_of(page("{}" + cards("https://shop.example/coats/", told)))
    assert body[-1] == f"{told} 3."


def test_a_story_told_in_cards_is_text() -> None:
    told = "He has let boats through for forty years, in rain and frost, and wins a medal, class"
    body = body_of(page("{}" + "<hr>".join([cards("/locks/", told)] * 2)))
    assert body[-1] == f"{told} 3."


def test_what_stands_well_below_the_story_and_is_set_otherwise_goes() -> None:
    told = "This part of the paper is for those who have a name at the quay and know it."
    foot = f'<div class="x3"><div class="x4"><p>{told}</p><p>Tell us of a fault</p></div></div>'
    story = f'<div class="x1"><div class="x2">{paragraphs(*STORY, *DAYS)}</div></div>'
    markup = page(story + foot)
    found = read(markup)
    assert [text for role, text in found.paragraphs if role == "body"] == [*STORY, *DAYS]
    assert [rule for *_, rule in found.removed] == ["outside", "outside"]


def test_elements_that_a_site_defines_are_boxes_and_pieces_of_a_line() -> None:
    said = [paragraph.replace("ferry", "<q-term>ferry</q-term>") for paragraph in STORY]
    paragraphs = "".join(f"<q-text>{paragraph}</q-text>" for paragraph in said)
    markup = page(f'<q-body class="a">{paragraphs}</q-body>').replace("article>", "q-article>")
    assert body_of(markup) == STORY
    assert body_of(markup.replace("q-text>", "p>")) == STORY


def test_a_word_in_an_element_that_html_does_not_have_stays_in_its_sentence() -> None:
    said = [paragraph.replace("ferry", "<date id='7'>ferry</date>") for paragraph in STORY]
    assert body_of(page(paragraphs(*said))) == STORY


@pytest.mark.parametrize(("initial", "kept"), [("T", "The"), ("9 May", "")])
def test_the_letter_that_opens_a_text_stays_whatever_it_is_called(initial: str, kept: str) -> None:
    rest = STORY[0].removeprefix("The") if kept else STORY[0]
    opened = f'<p><span class="border-t-2 border-time-red">{initial}</span>he{rest}</p>'
    opened = opened if kept else opened.replace("</span>he", "</span>")
    assert body_of(page(opened + paragraphs(*STORY[1:]))) == STORY


def test_text_behind_a_box_in_a_span_is_a_paragraph() -> None:
    first, second, *rest = STORY
    box = "<div class='x1'><h4>Locks</h4></div>"
    span = f"<div><span>{box}{second}</span></div>"
    assert second in body_of(bare(page(f"<p>{first}</p>{span}{paragraphs(*rest, *DAYS)}")))


@pytest.mark.parametrize(
    ("opening", "kept"),
    [("The ferry is saved!", True), ("Saved!", False), ("“I do not swim.”", False)],
)
def test_a_short_sentence_may_open_a_story(opening: str, kept: bool) -> None:
    assert (opening in body_of(page(f"<p>{opening}</p>" + "{}"))) == kept


DAYS = [
    f"On day {i} the boat left at two with {i} people on board, as it has since the war ended."
    for i in range(9)
]


def test_a_menu_in_one_long_line_is_no_story() -> None:
    menu = " ".join(["Harbour Boats Lock Orrin Weather Letters"] * 7)
    markup = page(paragraphs(*STORY, *DAYS))
    markup = markup.replace("<main>", f"<div><p>{menu}</p></div><main><aside>")
    assert body_of(markup.replace("</main>", "</aside></main>")) == [*STORY, *DAYS]


def test_a_page_that_says_no_more_than_its_description_is_an_article() -> None:
    said = " ".join(STORY[:4])
    head = f'<meta name="description" content="{said}">'
    found = read(bare(page(f'<div class="x"><p>Told at noon:</p><p>{said}</p></div>', head=head)))
    assert found.paragraphs[1:] == [("body", said)]


COMMENT = "I have swum home from that pier in every month of the year and I am none the worse."


@pytest.mark.parametrize("tag", ["article", "div"])
@pytest.mark.parametrize(
    "named",
    [
        'id="comments"',
        'class="comment"',
        'class="x1 comment-list"',
        'id="comentarios"',
        'class="kommentare"',
        'id="disqus_thread"',
        'id="related_posts"',
        'class="recommended-stories"',
    ],
)
def test_what_stands_under_a_story_by_its_name_is_no_text(named: str, tag: str) -> None:
    posts = "".join(f"<div><p>{COMMENT} {i}.</p></div>" for i in range(9))
    assert (
        body_of(page("{}" + f"<div {named}>{posts}</div>").replace("article>", f"{tag}>")) == STORY
    )


@pytest.mark.parametrize(
    "name", ["id='onetrust-consent-sdk'", "class='cookie-banner'", "class='x gdpr-modal__inner'"]
)
def test_what_is_asked_about_cookies_is_no_text_where_it_is_longer_than_the_story(
    name: str,
) -> None:
    asked = [
        f"We and our {n} partners keep files here and read who you are." for n in range(20, 24)
    ]
    notice = f"<div {name}>{paragraphs(*(f'{line} {line}' for line in asked))}</div></body>"
    markup = page(f"<p>{STORY[0]}</p><p>{STORY[1]}</p>").replace("article>", "div>")
    markup = markup.replace("main>", "div>").replace("</body>", notice)
    assert body_of(markup) == STORY[:2]


def test_a_comment_set_as_a_block_is_no_paragraph() -> None:
    post = f'<div class="comment">{" ".join([COMMENT] * 5)}</div>'
    assert body_of(bare(page("{}" + f"<center>{post * 2}</center>"))) == STORY


def test_a_story_whose_place_is_called_a_comment_stays() -> None:
    assert body_of(bare(page('<div class="comment">{}</div>'))) == STORY


def test_short_blocks_without_a_class_between_long_ones_are_paragraphs() -> None:
    said = [*STORY, "“He went to find tea,” she said.", *DAYS]
    blocks = "".join(f"<div>{p}</div>" for p in (*said, "Share"))
    assert body_of(page(f'<div class="x">{blocks}</div>')) == said


def test_a_summary_of_sentences_that_the_text_says_too_goes() -> None:
    extra = "The ferry leaves at two in the morning, as it has since the war."
    summary = f"{STORY[1]} {STORY[3]}"
    markup = page(paragraphs(summary, STORY[0], f"{STORY[1]} {extra}", *STORY[2:]))
    found = read(markup)
    assert [text for role, text in found.paragraphs if role == "body"] == [
        STORY[0],
        f"{STORY[1]} {extra}",
        *STORY[2:],
    ]
    assert [(markup[start:end], rule) for start, end, rule in found.removed] == [
        (summary, "pull-quote")
    ]


def test_line_breaks_between_marked_up_paragraphs_end_them() -> None:
    said = "<br><br>".join(f"<span>{p[:40]}</span><b>{p[40:]}</b>" for p in STORY)
    assert body_of(page(f'<div class="x">{said}</div>')) == STORY


def test_short_paragraphs_set_as_blocks_like_the_long_ones_stay() -> None:
    said = [*STORY[:2], "The mayor offered 5.5.", "“He went to find tea,” she said.", *STORY[2:]]
    said.append("($1 = 0.9 crowns)")
    blocks = "".join(f'<div class="para x1" data-n="{i}">{p}</div>' for i, p in enumerate(said))
    assert body_of(page(f'<div class="x">{blocks}</div>')) == said


def test_an_appeal_of_several_paragraphs_goes_with_its_title() -> None:
    asking = [
        "We believe that everybody should have honest reporting, and we rely on our readers.",
        "Your support is what keeps our reporters at the quay.",
        "Our members pay for every newsletter that we print.",
    ]
    box = "<h2>The tide is turning</h2>" + paragraphs(*asking)
    said = f"{paragraphs(*STORY[:2])}{box}{paragraphs(*STORY[2:])}"
    assert body_of(page(said)) == STORY


def test_what_presents_the_author_by_name_goes_and_who_else_is_named_stays() -> None:
    head = stating(author="Una Farr")
    bio = "Una Farr covers the harbour and has done so since the old pier stood."
    other = "Isla Renwick is the harbour master and has written to the board."
    assert body_of(page(paragraphs(bio, *STORY[:3], other, *STORY[3:]), head=head)) == [
        *STORY[:3],
        other,
        *STORY[3:],
    ]


def test_a_line_under_one_teaser_after_another_goes() -> None:
    teasers = [f"{p} <a href='/{i}'>Go on from here</a>" for i, p in enumerate(DAYS)]
    lines = "".join(f"<p>{p}</p><p>Go on from here</p>" for p in DAYS[:3])
    assert len(teasers) > 2
    assert "Go on from here" not in body_of(page("{}" + lines))


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Lesen Sie auch: Die Fähre fährt wieder", "links"),
        ("» À lire aussi : le bac repart", "links"),
        ("Te puede interesar: vuelve el barco", "links"),
        ("Leggi anche", "links"),
        ("Читайте также: паром", "links"),
        ("Anzeige", "control"),
        ("12 Kommentare", "comments"),
        ("京ICP备00000000号", "imprint"),
        ("Mehr als dreißig Boote", ""),
        ("Auch der Hafen schweigt", ""),
        ("Le bac", ""),
    ],
)
def test_labels_of_pages_in_other_languages(line: str, rule: str) -> None:
    assert page_lines.rule_of(line) == rule


def test_a_sentence_ends_as_its_script_ends_it() -> None:
    hindi = "नगर परिषद ने सोमवार को कहा कि पुल का काम अगले साल के अंत तक पूरा हो जाएगा।"
    line = "The picture of this story is shown as the harbour office sent it to us on Monday."
    assert body_of(page(f"<p>{hindi}</p><p>{line}</p>{{}}"))[:2] == [hindi, line]


def test_a_japanese_story_is_not_cut_to_an_english_line_in_it() -> None:
    said = [f"{n}番目の話し手は港の委員会に夜の渡し船を残すように求めた。" for n in range(1, 6)]
    line = "The picture of this story is shown as the harbour office sent it to us on Monday."
    text = [*said[:3], line, *said[3:]]
    markup = page(paragraphs(*text)).replace('lang="en"', 'lang="ja"')
    assert body_of(markup) == text


def test_a_story_that_a_page_holds_twice_is_told_once() -> None:
    long = [f"{text} Nobody in the hall spoke against it on Monday." for text in STORY]
    deck = "What the board was asked on Monday"
    twice = page(f"<h2>{deck}</h2>{paragraphs(*long)}<h2>{deck}</h2>{paragraphs(*long)}")
    assert [text for text in body_of(twice) if text != deck] == long


def test_one_paragraph_may_come_back() -> None:
    long = [f"{text} Nobody in the hall spoke against it on Monday." for text in STORY]
    assert body_of(page(paragraphs(*long, long[2]))) == [*long, long[2]]


def test_paragraphs_that_stand_close_together_twice_are_told_once_where_several_do() -> None:
    assert body_of(page(paragraphs(*STORY, *STORY[-2:], STORY[-1]))) == STORY
    assert body_of(page(paragraphs(*STORY, STORY[-2]))) == [*STORY, STORY[-2]]


def test_the_title_of_a_film_in_its_box_does_not_hide_the_story() -> None:
    title = (
        "Watch the ferry leave the harbour of Quay for the last time before the board met | Film"
    )
    film = f'<div id="article-content"><p>{STORY[0]}</p><div class="film">{title}</div></div>'
    rest = f'<div class="middle">{paragraphs(*STORY[1:], *DAYS)}</div>'
    assert body_of(page(f'<div id="story">{film}{rest}</div>')) == [*STORY, *DAYS]


def test_headings_that_come_back_in_turn_are_the_plan_of_a_text() -> None:
    parts = [f"<h3>What happened</h3><p>{a}</p><h3>What follows</h3><p>{a} Why?</p>" for a in STORY]
    assert body_of(page("".join(parts))).count("What follows") == len(STORY)


@pytest.mark.parametrize("tag", ["pre", "code"])
def test_code_in_a_page_may_look_like_a_script_of_the_page(tag: str) -> None:
    code = '{ "harbour": "Quay", "board": "five", "ferry": "night", "price": "none" }'
    markup = page("{}").replace(f"<p>{STORY[1]}</p>", f"<{tag}>{code}</{tag}><p>{STORY[1]}</p>")
    assert code in body_of(markup)


def test_a_story_about_somebody_elses_policy_is_no_imprint() -> None:
    said = (
        "A spokesman of the ferry line said that what becomes of the names on the tickets is told"
        " at length in the line's privacy policy, which the board had not read."
    )
    assert said in body_of(page(f"{{}}<p>{said}</p>{paragraphs(*DAYS)}"))


@pytest.mark.parametrize(
    "line",
    [
        "By going on you agree to our terms of use and to the privacy policy of The Quay.",
        "Protected by a check to which the privacy policy and the terms of its maker apply.",
        "Privacy policy",
    ],
)
def test_what_a_page_says_about_its_own_policy_goes(line: str) -> None:
    assert body_of(page(f"<p>{DAYS[0]}</p><p>{line}</p>{{}}")) == [DAYS[0], *STORY]


def test_a_chinese_story_is_found_by_what_it_says_and_not_by_its_letters() -> None:
    story = [
        f"港口委员会周一听取了第{n}位发言人的意见，他要求保留夜间渡轮服务。" for n in range(1, 13)
    ]
    foot = "本网登载的内容版权属港口日报独家所有使用，未经港口日报事先协议授权，禁止转载使用。" * 3
    links = "".join(f"<div>{word}</div>" for word in ("首页", "新闻", "体育"))
    markup = (
        f"<html><body><h1>夜间渡轮保留</h1>{links}<div><div class='a'>{paragraphs(*story)}</div>"
        f"<div class='b'><p>{foot}</p></div></div></body></html>"
    )
    assert body_of(markup) == story


def test_a_word_of_persian_keeps_the_sign_between_its_letters() -> None:
    story = [
        f"شورای بندر روز دوشنبه سخن سخنران {n} را شنید که می\u200cخواهد کشتی شب بماند."
        for n in "۱۲۳۴۵"
    ]
    assert body_of(page(paragraphs(*story))) == story


def test_whatever_stands_among_the_paragraphs_and_is_no_text_is_listed() -> None:
    box = '<div class="promo"><h3>The Lock</h3><p>All tides, in&nbsp;one <b>letter</b>.</p></div>'
    link = '<p><a href="/1">Related: The captain&#x27;s fortieth year at sea</a></p>'
    between = f"<p>{STORY[0]}</p>{box}<p>{STORY[1]}</p>{link}" + "".join(
        f"<p>{paragraph}</p>" for paragraph in STORY[2:]
    )
    markup = page(between)
    found = read(markup)
    assert [text for role, text in found.paragraphs if role == "body"] == STORY
    assert [(markup[start:end], rule) for start, end, rule in found.removed] == [
        ("The Lock", "not-story"),
        ("All tides, in&nbsp;one <b>letter", "not-story"),
        ("Related: The captain&#x27;s fortieth year at sea", "not-story"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Reporting by Ada Quill in Orrin and Ned Orr in Kelso Quay; editing by Una Farr",
        "Our standards: The Quay Code.",
        "Suggested topics:",
        "The Quay has no paywall. If you'd like to keep it that way you can chip in from £3.",
        "Have a tip? Call the newsroom at 0100 0000.",
        "Join the conversation in the space below.",
        "Please sign up or log in to continue reading",
        "Marķējiet tekstu un spiediet Ctrl+Enter.",
        "Published in Orrin, https://quay.example/ferry",
        "{{ferry}}",
        "Advertisement - Page continues below",
        "This interview has been edited for length and clarity.",
        "Corrections are made in the text and listed in the next issue.",
        "The views expressed here are the author's own.",
        "The Quay is a reader-supported publication, so consider becoming a paid subscriber.",
        "Les tribunes n’engagent que leurs auteurs.",
        "Alle Rechte vorbehalten.",
        "Reporta un error en esta noticia",
        "Contenido exclusivo para suscriptores",
        "Нашли ошибку? Сообщите нам.",
        "（责任编辑：某某）",
        "Quelle: Hafenblatt",
        "Ada Quill ist Redakteurin im Ressort Hafen.",
        "+ 加载更多新闻",
        "扫描二维码分享话题",
    ],
)
def test_lines_of_the_house_under_a_story_go(line: str) -> None:
    assert body_of(page("{}").replace("</article>", f"<p>{line}</p></article>")) == STORY


def test_a_version_behind_an_at_sign_is_no_address() -> None:
    listed = "<h2>What is affected</h2><ul><li>ferry@8.14.0</li><li>lock@8.16.0</li></ul>"
    kept = ["What is affected", "ferry@8.14.0", "lock@8.16.0"]
    assert body_of(page("{}" + listed)) == [*STORY, *kept]


def test_what_a_page_says_in_the_place_of_a_post_goes() -> None:
    line = "This content is imported from Picturegram. You may be able to find the same content in "
    line += "another format, or more information, at their web site."
    between = f"<p>{STORY[0]}</p><p>{line}</p>" + "".join(f"<p>{text}</p>" for text in STORY[1:])
    assert body_of(page(between)) == STORY


def test_such_a_line_inside_a_story_stays() -> None:
    line = "Ada Quill is a reporter at The Lock and was on board that night."
    assert body_of(page(f"<p>{line}</p>" + "{}")) == [line, *STORY]


@pytest.mark.parametrize(
    "wrapped",
    [
        "<br><br>".join(STORY),
        "".join(f"<div><span>{paragraph}</span></div>" for paragraph in STORY),
        "<p>" + "<br><br>".join(STORY) + "</p>",
    ],
)
@pytest.mark.parametrize("tag", ["article", "div"])
def test_paragraphs_without_paragraph_elements(wrapped: str, tag: str) -> None:
    menu = "<div><a href='/'>Home</a> <a href='/sea'>Sea</a></div>"
    markup = (
        f"<html><head></head><body>{menu}<{tag}><h1>{HEADLINE}</h1>{wrapped}</{tag}></body></html>"
    )
    assert body_of(markup) == STORY


def test_short_lines_in_boxes_of_their_own_are_paragraphs_like_the_long_ones() -> None:
    lines = [*STORY, "Asked for:", "- a lamp on the pier", *DAYS]
    rows = "".join(f'<div class="x0"><div class="x1">{line}</div></div>' for line in lines)
    assert body_of(page(f"<div>{rows}</div>")) == lines


def test_lists_quotes_and_subheads_belong_to_the_text_and_tables_do_not() -> None:
    last = "The board then closed the meeting and went down to look at the boat itself."
    parts = (
        "{}<h2>What was asked</h2><ul><li>A boat at two in the morning</li>"
        "<li>A lamp on the pier</li></ul><blockquote><p>“Nobody swims home,” one speaker said.</p>"
        f"</blockquote><table><tr><td>1</td></tr></table><p>{last}</p>"
    )
    assert body_of(page(parts)) == [
        *STORY,
        "What was asked",
        "A boat at two in the morning",
        "A lamp on the pier",
        "“Nobody swims home,” one speaker said.",
        last,
    ]


@pytest.mark.parametrize("by", ["class", "description"])
def test_the_deck_is_found_by_its_class_or_by_the_description(by: str) -> None:
    deck = "Five speakers asked for it, and none spoke against"
    head = f'<meta name="description" content="{deck}">' if by == "description" else ""
    label = ' class="article-dek"' if by == "class" else ""
    found = read(page(f"<p{label}>{deck}</p>" + "{}", head=head))
    assert found.paragraphs[:2] == [("headline", HEADLINE), ("deck", deck)]
    assert found.paragraphs[2:] == [("body", text) for text in STORY]


@pytest.mark.parametrize(
    "line",
    [
        '<div class="subhead"><a href="/m">Send it to a friend</a> <a href="/p">Print it</a></div>'
        "{}",
        '{}<div class="text-with-summary"><p>Your address is used for our letter alone.</p></div>',
        '{}<div class="excerpt">The lock keeper of Orrin wins a medal for forty years of it.</div>',
    ],
)
def test_a_deck_stands_above_the_story_and_is_more_than_links(line: str) -> None:
    assert "deck" not in [role for role, _ in read(page(line)).paragraphs]


def test_what_the_publisher_states_as_the_text_decides_about_paragraphs() -> None:
    long = [f"{p} Then the clerk read out what the {i} letters said." for i, p in enumerate(STORY)]
    long += [
        f"On day {i} the boat left at two with {i} people on board, as it does." for i in range(9)
    ]
    stray = "A different ferry, in another town, was sold last week to a man who collects them."
    stated = stating(articleBody=" ".join(long))
    markup = page("".join(f"<p>{p}</p>" for p in [*long[:4], stray, *long[4:]]), head=stated)
    assert body_of(markup) == long


def test_a_statement_of_the_beginning_cuts_nothing() -> None:
    long = [
        f"On day {i} the boat left at two with {i} people on board, as it does." for i in range(60)
    ]
    stated = stating(articleBody=" ".join(long[:12]))
    assert body_of(page("".join(f"<p>{p}</p>" for p in long), head=stated)) == long


def test_a_statement_may_be_marked_up_and_all_that_the_page_has() -> None:
    stated = stating(articleBody=paragraphs(*STORY, *DAYS))
    markup = (
        f"<html><head>{stated}</head><body><h1>{HEADLINE}</h1><div id='app'></div></body></html>"
    )
    assert body_of(markup) == [*STORY, *DAYS]


def test_a_shorter_statement_of_something_else_takes_nothing_from_the_page() -> None:
    other = [f"In Orrin tulip {i} was set beside the old mill in the rain." for i in range(14)]
    markup = page(paragraphs(*STORY, *DAYS), head=stating(articleBody=" ".join(other)))
    assert body_of(markup) == [*STORY, *DAYS]


def test_items_within_items_and_paragraphs_within_items_are_paragraphs() -> None:
    items = "<li>The pier<ul><li>its lamp</li><li>its rope</li></ul></li><li>The lock</li>"
    items += "<li><p>The boat.</p><p>It is the last one.</p></li>"
    told = ["The pier", "its lamp", "its rope", "The lock", "The boat.", "It is the last one."]
    assert body_of(page(f"{{}}<ol>{items}</ol>{paragraphs(*DAYS)}")) == [*STORY, *told, *DAYS]


@pytest.mark.parametrize(
    "quote",
    [
        "<p>“Keep the boat.”</p><footer>A letter to the board</footer>",
        "“Keep the boat.”<footer>A letter to the board</footer>",
        "<p>“Keep the boat.”</p><cite>A letter to the board</cite>",
        "“Keep the boat.”<cite>A letter to the board</cite>",
    ],
)
def test_who_is_quoted_stands_under_the_quote(quote: str) -> None:
    markup = page(f"{{}}<blockquote>{quote}</blockquote>{paragraphs(*DAYS)}")
    assert body_of(markup) == [*STORY, "“Keep the boat.”", "A letter to the board", *DAYS]
    assert not read(markup).removed


@pytest.mark.parametrize("tag", ["cite", "footer"])
def test_a_quote_that_the_text_says_anyway_goes_with_the_line_under_it(tag: str) -> None:
    said = "“Nobody on this quay has ever asked for a bridge,” she said."
    quote = f"<blockquote><p>{said}</p><{tag}>Ada Bell, lock keeper</{tag}></blockquote>"
    told = f"Ada Bell had come by boat. {said}"
    markup = page(f"{{}}<p>{told}</p>{quote}{paragraphs(*DAYS)}")
    assert body_of(markup) == [*STORY, told, *DAYS]


@pytest.mark.parametrize(
    ("quote", "kept"),
    [
        ("Nobody on this quay has ever asked for a bridge", False),
        ("Nobody here has ever asked for a bridge", True),
        ("Asked for a bridge", True),
    ],
)
def test_a_quote_without_an_end_that_a_paragraph_says_too_goes(quote: str, kept: bool) -> None:
    told = (
        "She had come by boat, and nobody on this quay has ever asked for a bridge, she told them."
    )
    told += f" {DAYS[0]}"
    markup = page(f"{{}}<p>{told}</p><blockquote><p>{quote}</p></blockquote>{paragraphs(*DAYS)}")
    assert (quote in body_of(markup)) == kept


def test_a_work_that_a_quote_names_stays_in_its_sentence() -> None:
    quote = "<blockquote>“It is in <cite>Tides of Orrin</cite>, all of it,” she said.</blockquote>"
    markup = page(f"{{}}{quote}{paragraphs(*DAYS)}")
    assert body_of(markup) == [*STORY, "“It is in Tides of Orrin, all of it,” she said.", *DAYS]


def test_a_plain_box_beside_paragraphs_that_are_boxes_is_one() -> None:
    texts = [*STORY[:2], "Who voted how", *STORY[2:], *DAYS]
    assert body_of(page("".join(f"<div>{text}</div>" for text in texts))) == texts


MORE = [
    f"The {nth} letter to the board came from the other bank, and it asked for two boats a night."
    for nth in ("first", "second", "third")
]


def test_paragraphs_that_are_boxes_of_one_class_may_hold_unknown_elements() -> None:
    plain = [f'<div class="x1">{text}</div>' for text in (*STORY, *DAYS)]
    others = [f'<div class="x1"><span>{text}</span><o:p></o:p></div>' for text in MORE]
    assert body_of(page("".join(plain + others))) == [*STORY, *DAYS, *MORE]


@pytest.mark.parametrize("around", ["{}", "<tbody>{}</tbody>"])
def test_a_table_of_one_column_is_a_box_in_the_story(around: str) -> None:
    rows = ["What the board was told", *DAYS[:2]]
    table = around.format("".join(f"<tr><td>{row}</td></tr>" for row in rows))
    markup = page(f"{{}}<table>{table}</table>{paragraphs(*DAYS[2:])}")
    assert body_of(markup) == [*STORY, *rows, *DAYS[2:]]


@pytest.mark.parametrize(
    "table",
    [
        "<tr><td>Boats</td></tr><tr><td>41</td></tr>",
        f"<tr><th>Day</th><th>What the clerk wrote</th></tr><tr><td>1</td><td>{DAYS[1]}</td></tr>",
        "<tr><td><a href='/1'>On the day of the vote the lock keeper wins her medal after forty"
        " years of opening the lock for the ferry.</a></td></tr>",
    ],
)
def test_a_table_of_figures_columns_or_links_is_no_text(table: str) -> None:
    markup = page(f"{{}}<table>{table}</table>{paragraphs(*DAYS)}")
    assert body_of(markup) == [*STORY, *DAYS]


@pytest.mark.parametrize("set_as", ["<p>{}</p>", "<div>{}</div>", "{}<br><br>"])
def test_a_table_that_parts_the_page_into_columns_is_no_data(set_as: str) -> None:
    menu = "<td><ul><li><a href='/boats'>Boats</a></li><li><a href='/quay'>Quay</a></li></ul></td>"
    story = "".join(set_as.format(text) for text in (*STORY, *DAYS))
    head = f"<title>{HEADLINE}</title>"
    cell = f"<td><h1>{HEADLINE}</h1>{story}</td>"
    table = f"<table><tr>{menu}{cell}</tr></table>"
    assert body_of(f"<html><head>{head}</head><body>{table}</body></html>") == [*STORY, *DAYS]


def test_a_table_of_one_row_that_holds_boxes_is_no_data() -> None:
    menu = "<td><ul><li><a href='/boats'>Boats</a></li></ul></td>"
    names = "<ul><li>Ada Quill, who rows</li><li>Bo Reed, who swims</li></ul>"
    markup = page(f"{{}}<table><tr>{menu}<td><p>{DAYS[0]}</p>{names}</td></tr></table>")
    assert body_of(markup) == [*STORY, DAYS[0], "Ada Quill, who rows", "Bo Reed, who swims"]


def test_a_table_of_figures_in_a_quote_is_no_text() -> None:
    rows = "".join(f"<tr><td>Boat {n}</td><td>{n * 7}</td></tr>" for n in range(9))
    table = f"<blockquote><table><tr><th colspan='2'>Trips</th></tr>{rows}</table></blockquote>"
    assert body_of(page(f"{{}}{table}{paragraphs(*DAYS)}")) == [*STORY, *DAYS]


def test_the_next_stories_of_a_site_are_none_of_this_one_without_articles_too() -> None:
    stories = [(HEADLINE, STORY), ("Ferry to get new crew", DAYS), ("The other bank", MORE)]
    boxes = [
        f"<div><div><h1>{title}</h1></div><div>{paragraphs(*texts)}</div></div>"
        for title, texts in stories
    ]
    markup = f"<html><head><title>{HEADLINE}</title></head><body>{''.join(boxes)}</body></html>"
    assert body_of(markup) == STORY


def test_what_no_browser_shows_is_no_text() -> None:
    never = "Readers who have paid for a year may go on to the letters of the board from here."
    hidden = f"<p hidden>{never}</p><div hidden=''><p>{never}</p></div>"
    markup = page(f"{{}}{hidden}{paragraphs(*DAYS)}")
    assert body_of(markup) == [*STORY, *DAYS]


@pytest.mark.parametrize(
    "fold",
    [
        "style='display: none'",
        "style='visibility:hidden'",
        "aria-hidden='true'",
        "class='rest hide'",
        "class='premium'",
        "id='story-expand'",
    ],
)
def test_a_story_of_which_a_large_part_is_folded_is_whole(fold: str) -> None:
    for opening, rest in ((STORY, [*DAYS, *MORE]), ([*STORY, *MORE], DAYS)):
        shown = f"{paragraphs(*opening)}<div {fold}>{paragraphs(*rest)}</div>"
        assert body_of(page(shown)) == [*opening, *rest]


def test_a_small_part_of_a_story_that_is_folded_is_no_text() -> None:
    shown = f"{paragraphs(*STORY, *DAYS)}<div class='rest hide'>{paragraphs(MORE[0])}</div>"
    assert body_of(page(shown)) == [*STORY, *DAYS]


def test_a_list_that_comes_in_slides_is_whole() -> None:
    slides = "".join(
        f'<section class="slide"><h2>No. {n}</h2><div class="a-slide"><p>{said}</p></div></section>'
        for n, said in enumerate([*DAYS, *MORE])
    )
    found = body_of(page(f"{{}}{slides}"))
    assert [text for text in found if not text.startswith("No. ")] == [*STORY, *DAYS, *MORE]


def test_a_folded_notice_over_the_page_is_no_text() -> None:
    notice = f"<div aria-hidden='true'>{paragraphs(*DAYS, *MORE)}</div>"
    assert body_of(page().replace("</body>", f"{notice}</body>")) == STORY


@pytest.mark.parametrize("style", ["overflow: hidden; padding: 0", "overflow-x:hidden"])
def test_what_is_clipped_at_its_edges_is_shown(style: str) -> None:
    first, *rest = STORY
    markup = page(f'<p style="{style}">{first}</p>{paragraphs(*rest, *DAYS)}')
    assert body_of(markup) == [*STORY, *DAYS]


@pytest.mark.parametrize("how", ["hidden", "hidden='until-found'"])
def test_a_story_that_waits_for_its_reader_is_text(how: str) -> None:
    first, *rest = STORY
    assert body_of(page(f"<p>{first}</p><div {how}>{paragraphs(*rest, *DAYS)}</div>")) == [
        first,
        *rest,
        *DAYS,
    ]


def test_a_line_about_the_author_is_no_deck() -> None:
    line = "Ada Bell is a columnist who covers boats for The Quay."
    by = stating(author="Ada Bell")
    found = read(page(f'<p class="summary">{line}</p>{{}}', head=by))
    assert [role for role, _ in found.paragraphs] == ["headline", *["body"] * len(STORY)]


@pytest.mark.parametrize("name", ["share-story", "content related"])
def test_a_story_without_blanks_between_words_is_no_box_however_few_its_letters(name: str) -> None:
    told = [
        f"第{i}天凌晨两点，渡轮仍从旧码头开出，船上载着夜班的护士、面包师和两名守闸人，"
        "他们多年来一直请求港务局保留这条航线，因为桥要到后年春天才能建成。"
        for i in range(8)
    ]
    markup = bare(page(f'<div class="{name}">{paragraphs(*told)}</div>', h1="夜间渡轮将保留"))
    assert body_of(markup) == told


def test_a_first_paragraph_that_opens_with_a_name_in_capitals_is_text() -> None:
    told = (
        "Night Ferry是一本讲述旧码头渡轮和守闸人的小册子，书里收录了八十年来乘客写给港务局的信件，"
        "也收录了局里的每一封回信，共有四百余页"
    )
    rest = [f"第{i}封信说，凌晨两点的船是全镇最安静的地方，谁也不想它停航。" for i in range(6)]
    assert body_of(page(paragraphs(told, *rest))) == [told, *rest]


@pytest.mark.parametrize(
    ("address", "kept"),
    [("/eels", False), ("https://quay.example/eels", False), ("/eels.jpg?w=9", True), ("#g", True)],
)
def test_a_caption_in_a_link_to_another_page_is_that_of_another_story(
    address: str, kept: bool
) -> None:
    caption = "Eels are back in the lower lock, says the keeper, who has not seen any for years."
    figure = f"<figure><img src='a.jpg'><figcaption>{caption}</figcaption></figure>"
    found = read(page(f"{{}}<a href='{address}'>{figure}</a>{paragraphs(*DAYS)}"))
    assert (("caption", caption) in found.paragraphs) == kept
    assert [text for role, text in found.paragraphs if role == "body"] == [*STORY, *DAYS]


def test_a_caption_stands_where_its_figure_stands_and_gives_its_credit() -> None:
    figure = (
        "<figure><img src='a.jpg'><figcaption>The ferry at the lower quay on Monday."
        " <span class='credit'>Photo: Bo Reed</span></figcaption></figure>"
    )
    parts = f"<p>{STORY[0]}</p>{figure}" + "".join(f"<p>{p}</p>" for p in STORY[1:])
    found = read(page(parts))
    assert found.paragraphs[1:4] == [
        ("body", STORY[0]),
        ("caption", "The ferry at the lower quay on Monday."),
        ("body", STORY[1]),
    ]
    assert found.credit == ["Bo Reed"]


def test_a_caption_that_says_the_headline_again_is_none_and_its_credit_stays() -> None:
    caption = f"{HEADLINE.upper()} <span class='credit'>Photo: Bo Reed</span>"
    found = read(page(f"<figure><img src='a.jpg'><figcaption>{caption}</figcaption></figure>{{}}"))
    assert found.paragraphs == [("headline", HEADLINE), *(("body", text) for text in STORY)]
    assert found.credit == ["Bo Reed"]


# --- read again as pasted text -----------------------------------------------------------------

_WORDS = st.sampled_from(
    ["the", "a", "council", "river", "bridge", "vote", "year", "over", "Orrin", "Renwick", "41"]
)


def _line(least: int, most: int, ends: list[str]) -> st.SearchStrategy[str]:
    said = st.lists(_WORDS, min_size=least, max_size=most).map(" ".join)
    return st.builds(
        lambda line, end: line[0].upper() + line[1:] + end, said, st.sampled_from(ends)
    )


SAID = _line(8, 40, [".", ".", "?", ".”", " — and more."])
SHORT = _line(1, 7, [".", "", "!", "?"])
PIECES = st.one_of(
    SAID.map("<p>{}</p>".format),
    SAID.map("<p>{}</p>".format),
    SHORT.map("<p>{}</p>".format),
    SHORT.map("<h2>{}</h2>".format),
    SAID.map("<blockquote><p>{}</p></blockquote>".format),
    SAID.map("<figure><img><figcaption>{} <cite>Ned Orr</cite></figcaption></figure>".format),
    st.lists(SHORT, min_size=2, max_size=5).map(
        lambda items: f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
    ),
    st.just('<div class="promo"><p>All the tides in one letter, every Friday.</p></div>'),
    st.just('<p><a href="/1">Related: the captain and the forty years he spent at sea</a></p>'),
    st.just("<p>Sign up for our newsletter</p>"),
)


ROUND = [
    "<p>The council of the river will vote over the bridge.</p>",
    "<p>The bridge of Orrin will be closed over the year.</p>",
]


@given(st.lists(PIECES, max_size=12), SAID | SHORT, st.booleans())
@example([*ROUND, *ROUND, ROUND[1]], "", False)
@settings(max_examples=100, deadline=None)
def test_what_came_out_of_a_page_is_kept_when_it_is_pasted(
    pieces: list[str], deck: str, decked: bool
) -> None:
    head = f'<p class="deck">{deck}</p>' if decked else ""
    found = read(page(head + "{}" + "".join(pieces)))
    text = PARAGRAPH_BREAK.join(text for _, text in found.paragraphs)
    for headline in ("", HEADLINE):
        again = pasted.read(text, headline)
        assert PARAGRAPH_BREAK.join(text for _, text, _ in again.paragraphs) == text


# --- what the page states ---------------------------------------------------------------------

LD = '{"@type": "NewsArticle", "datePublished": "2024-03-05T08:00:00Z"}'


@pytest.mark.parametrize(
    ("head", "body", "day"),
    [
        (json_ld(LD), "", "2024-03-05"),
        (json_ld(f"[{LD}]"), "", "2024-03-05"),
        (json_ld(f'{{"@graph": [{{"@type": "WebPage"}}, {LD}]}}'), "", "2024-03-05"),
        (json_ld(f"<!-- {LD[:-1]},}} -->"), "", "2024-03-05"),
        (json_ld(LD[:-1] + ', "headline": "A "quoted" one"}'), "", "2024-03-05"),
        ('<meta property="article:published_time" content="2024-03-05">', "", "2024-03-05"),
        ('<meta name="pub_date" content="20240305">', "", "2024-03-05"),
        ('<meta name="publish_date" content="Tue, 05 Mar 2024 07:15:45 EST">', "", "2024-03-05"),
        ('<meta name="publishdate" content="03/15/2024 09:49:00">', "", "2024-03-15"),
        ("", '<time datetime="2024-03-05T08:00Z">Tuesday</time>', "2024-03-05"),
        ("", "<p>Published on 5 March 2024</p>", "2024-03-05"),
        ("", "<div>Mar 5, 2024 6 min read</div>", "2024-03-05"),
        # The paper's own clock, where the page shows it.
        (
            json_ld(LD.replace("08:00", "23:30")),
            '<time datetime="2024-03-06T10:30:00+11:00">6 March</time>',
            "2024-03-06",
        ),
        (
            json_ld(LD.replace("08:00", "04:00")),
            '<time datetime="2024-03-05T04:00:00+00:00">Mar. 4, 2024 11 pm EST</time>',
            "2024-03-04",
        ),
        # Never invented: an update, a banner, a date in the text.
        ('<meta property="article:modified_time" content="2024-03-05">', "", ""),
        ("", '<time class="updated" datetime="2024-03-05">5 March</time>', ""),
        ("", "<p>Updated on 5 March 2024</p>", ""),
        ("", "<div class='banner'>Give before December 31, 2024 and it counts twice!</div>", ""),
        ("", "<p>The board met on 5 March 2024 and heard all who had come to speak to it.</p>", ""),
        (json_ld('{"@type": "NewsArticle", "dateModified": "2024-03-05"}'), "", ""),
        (json_ld('{"@type": "NewsArticle", "datePublished": "soon"}'), "", ""),
    ],
)
def test_the_day_of_publication_is_what_the_page_states(head: str, body: str, day: str) -> None:
    assert read(page(body + "{}", head=head)).date_published == day


@pytest.mark.parametrize(
    ("language", "line", "day"),
    [
        ("de", "Veröffentlicht am 3. Mai 2021 um 14:05 Uhr", "2021-05-03"),
        ("de", "03.05.2021, 14:05", "2021-05-03"),
        ("fr", "le 1er décembre 2017 à 15h45", "2017-12-01"),
        ("fr", "le 01/12/2017 à 15h45", "2017-12-01"),
        ("es", "Lunes, 3 de mayo de 2021", "2021-05-03"),
        ("pt", "10/01/2023 • 20:49", "2023-01-10"),
        ("ja", "2021年5月14日", "2021-05-14"),
        ("ko", "2020.07.18 10:12", "2020-07-18"),
        ("zh", "发布时间：2019-05-18 来源：某某报", "2019-05-18"),
        ("zh", "2019-05-18 10:12 字号：A- A A+ 来源：某某报", "2019-05-18"),
        ("ja", "公開日 2021/05/14 10:12", "2021-05-14"),
        ("zh", "最后更新：2019-05-18", ""),
        ("zh", "时间：2019-05-18", ""),
        ("de", "Aktualisiert: 03.05.2021", ""),
        ("de", "Konzert am 3. Mai 2021", ""),
        ("de", "31.02.2021", ""),
        ("en", "10/01/2023 20:49", ""),
        ("en", "10/10/2023 20:49", ""),
        ("en", "10/13/2023 05:40 PM", "2023-10-13"),
        ("en", "13/10/2023 05:40 am", "2023-10-13"),
        ("en", "13/13/2023", ""),
        ("de", "Version 1.2.2003", ""),
        ("da", "Publiceret 3. maj 2021", "2021-05-03"),
        ("cs", "Publikováno 3. května 2021", "2021-05-03"),
        ("fi", "Julkaistu 3. toukokuuta 2021", "2021-05-03"),
        ("ro", "Publicat la 3 mai 2021", "2021-05-03"),
        ("ca", "Publicat el 3 de maig de 2021", "2021-05-03"),
    ],
)
def test_the_day_of_a_page_in_another_language(language: str, line: str, day: str) -> None:
    markup = page(f"<div>{line}</div>{{}}").replace('lang="en"', f'lang="{language}"')
    assert read(markup).date_published == day


def test_the_day_stands_near_a_headline_that_is_no_h1() -> None:
    markup = page("<div>Published on 5 March 2024</div>{}")
    markup = markup.replace(f"<h1>{HEADLINE}</h1>", f'<div class="x">{HEADLINE}</div>')
    assert read(markup).date_published == "2024-03-05"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ('<abbr class="published">05.03.2024</abbr>', "2024-03-05"),
        ('<span class="entry-date updated">März 5, 2024</span>', "2024-03-05"),
        (
            '<div class="submitted">Gespeichert von quill am 5. März 2024 - 18:55</div>',
            "2024-03-05",
        ),
        ('<abbr class="published" title="2024-03-05T21:05:00-07:00">9:05 PM</abbr>', "2024-03-05"),
        ('<time datetime="2024-03-05" class="article_time">Tuesday</time>', "2024-03-05"),
        ('<b itemprop="datePublished" content="2024-03-05T08:00Z">Heute</b>', "2024-03-05"),
        (
            '<div><i itemprop="datePublished" content="2024-03-04"></i>'
            '<i itemprop="datePublished" content="2024-03-05"></i></div>',
            "",
        ),
        ('<p class="post-date">31.02.2024</p>', ""),
        ('<p class="post-date">Last updated 2024-03-05</p>', ""),
        ('<p class="today">05.03.2024</p>', ""),
        ('<aside><p class="post-date">05.03.2024</p></aside>', ""),
        ('<p class="post-date">05.03.2024</p><p class="post-date">06.03.2024</p>', ""),
    ],
)
def test_an_element_far_from_the_headline_may_be_called_the_day(line: str, day: str) -> None:
    markup = page().replace('lang="en"', 'lang="de"').replace("</main>", f"{line}</main>")
    assert read(markup).date_published == day
    assert read(markup.replace("<main>", f"<main>{line}")).date_published == day


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        (
            json_ld('{"@type":"NewsArticle","author":[{"name":"Ada Quill"},{"name":"Bo Reed"}]}'),
            "",
            2,
        ),
        (json_ld('{"@type":"NewsArticle","author":"By Ada Quill and Bo Reed"}'), "", 2),
        ('<meta name="author" content="Ada Quill, Bo Reed">', "", 2),
        ('<meta name="author" content="Por Ada Quill">', "", 1),
        ('<meta property="article:author" content="Ada Quill">', "", 1),
        ('<meta property="article:author" content="https://quay.example/ada">', "", 0),
        (
            '<meta property="article:author" content="The Quay">'
            '<meta property="og:site_name" content="The Quay">',
            "",
            0,
        ),
        ('<meta name="dc.creator" content="Ada Quill">', "", 1),
        (json_ld('{"@type":"NewsArticle","author":"Ada&#32;Quill"}'), "", 1),
        (json_ld('{"@type":"NewsArticle","author":{"name":["Ada Quill","Bo Reed"]}}'), "", 2),
        (
            json_ld(
                '{"@graph":[{"@type":"NewsArticle","author":{"@id":"#ada"}},'
                '{"@type":"Person","@id":"#ada","name":"Ada Quill"}]}'
            ),
            "",
            1,
        ),
        (json_ld(html.escape('{"@type":"NewsArticle","author":"Ada Quill"}')), "", 1),
        ('<meta name="author" content="Ada Quill | ada@quay.example">', "", 1),
        ("", '<div class="byline">By <a href="/a">Ada Quill</a> Editor</div>', 1),
        ("", '<div class="byline"><a href="/a">Ada Quill:</a><a href="/m">E-Mail</a></div>', 1),
        ("", '<div class="byline">Updated: January</div>', 0),
        ("", "<p><span>Ada Quill</span><span>Editor</span><time>12 May 2026</time></p>", 1),
        ("", "<p>By <b>Ada Quill</b> and <b>Bo Reed</b> at the lock</p>", 2),
        ("", "<p><a href='/a'>Ada Quill</a><i>Illustrator</i><i>12 May 2026</i></p>", 0),
        ("", '<p class="author"><a href="/a">View Author Archive</a></p>', 0),
        ("", '<p class="byline"><a>Ada Quill</a><a>Following</a></p>', 1),
        ("", '<p class="byline">Loading</p>', 0),
        ("", "<p>By Ada Quill<span>Dec. 9, 2026</span></p>", 1),
        ('<meta name="author" content="Super User">', "", 0),
        (
            json_ld(
                '{"@type":"NewsArticle","publisher":{"name":"The Quay"},'
                '"author":{"@type":"Organization","name":"The Quay"}}'
            ),
            "",
            0,
        ),
        ("", "", 0),
    ],
)
def test_authors(head: str, body: str, authors: int) -> None:
    assert read(page(body + "{}", head=head)).authors == ["Ada Quill", "Bo Reed"][:authors]


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ('<p><a href="/ada" rel="author">Ada Quill</a></p>', 1),
        ('<p>von <b itemprop="author">Ada Quill</b></p>', 1),
        ('<span class="vcard post-author">By Ada Quill</span>', 1),
        ('<p class="author">Ada Quill</p><p class="author">Bo Reed</p>', 0),
        ('<aside><p class="author">Ada Quill</p></aside>', 0),
        ('<p class="authority">Ada Quill</p>', 0),
    ],
)
def test_an_element_far_from_the_headline_may_be_called_the_author(line: str, authors: int) -> None:
    markup = page().replace("<main>", f"<main>{line}")
    assert read(markup).authors == ["Ada Quill"][:authors]


def test_the_headline_is_the_one_shown_without_site_or_section() -> None:
    stated = stating(headline=HEADLINE)
    found = read(page(head=stated, h1=f"Politics | {HEADLINE}"))
    assert found.paragraphs[0] == ("headline", HEADLINE)


def test_a_title_cut_short_for_networks_is_not_the_headline() -> None:
    head = f'<meta property="og:title" content="{HEADLINE.rsplit(" ", 1)[0].lower()}">'
    assert read(page(head=head)).paragraphs[0] == ("headline", HEADLINE)


def test_the_name_of_the_site_in_a_heading_is_no_headline() -> None:
    logo = '<h1><a href="https://quay.example/" rel="home">All about the Quay</a></h1>'
    markup = page(h1="Ferry stays | All about the Quay").replace(" | The Quay<", "<")
    markup = markup.replace("<body>", f"<body>{logo}")
    shown = markup.replace("<h1>Ferry stays | All about the Quay</h1>", "<h2>Ferry stays</h2>")
    for each in (markup, shown):
        assert read(each).paragraphs[0] == ("headline", "Ferry stays")


@pytest.mark.parametrize("tag", ["h1", "h2"])
def test_the_stated_name_of_the_site_is_no_headline_without_a_link_either(tag: str) -> None:
    head = '<meta property="og:site_name" content="All about the Quay">'
    markup = page(head=head, h1="Ferry stays, says the board").replace("<h1>", "<h3>", 1)
    markup = markup.replace("</h1>", "</h3>", 1).replace(" | The Quay", " | All about the Quay")
    logo = f"<body><{tag}>All about the Quay</{tag}>"
    found = read(markup.replace("<body>", logo))
    assert found.paragraphs[0] == ("headline", "Ferry stays, says the board")


def test_a_headline_that_is_stated_for_the_name_of_the_site_too_stays() -> None:
    head = f'<meta property="og:site_name" content="{HEADLINE}">'
    assert read(page(head=head)).paragraphs[0] == ("headline", HEADLINE)


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Ferry stays – Night Quay", "Ferry stays"),
        ("Ferry stays « night-quay.example", "Ferry stays"),
        ("Ferry stays – at night", "Ferry stays – at night"),
    ],
)
def test_the_name_of_the_site_behind_a_title_goes(title: str, headline: str) -> None:
    head = '<link rel="canonical" href="https://www.night-quay.example/2024/ferry">'
    markup = page(head=head, h1=title).replace(" | The Quay", "").replace("<h1>", "<b>")
    assert read(markup.replace("</h1>", "</b>")).paragraphs[0] == ("headline", headline)


def test_of_several_articles_that_a_page_states_its_own_counts() -> None:
    other = stating(headline="Eels are back", datePublished="2020-01-01")
    own = stating(headline=HEADLINE, datePublished="2024-05-06")
    assert read(page(head=other + own)).date_published == "2024-05-06"
    assert read(page(head=other)).date_published == "2020-01-01"


@pytest.mark.parametrize("rel", ["canonical", "Canonical", "canonical nofollow"])
def test_address_section_and_language(rel: str) -> None:
    head = (
        f'<link rel="{rel}" href="https://quay.example/ferry?utm_source=x">'
        '<meta property="article:section" content="Harbour">'
    )
    found = read(page(head=head))
    assert (found.url, found.section, found.language) == (
        "https://quay.example/ferry",
        "Harbour",
        "en",
    )


@pytest.mark.parametrize(
    ("stated", "section"), [("Locks &amp; Piers", "Locks & Piers"), ("The Quay", "")]
)
def test_a_section_is_as_readers_see_it_and_not_the_site_itself(stated: str, section: str) -> None:
    site = '<meta property="og:site_name" content="The Quay">'
    assert read(page(head=stating(articleSection=stated) + site)).section == section


@pytest.mark.parametrize("unknown", ["und", "xx", "zxx-Latn"])
def test_a_language_that_is_not_known_is_none(unknown: str) -> None:
    assert read(page("").replace('lang="en"', f'lang="{unknown}"')).language == ""


# --- pages made to break things ---------------------------------------------------------------

DEEP = 100_000


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<",
        "<!-- never closed",
        "<!---->" * 64 + f"<table><tr><td>{STORY[0]}",
        "<html><head><title>A page</title></head></html>",
        "<html><frameset><frame src='a'></frameset></html>",
        "<html><body>" + "<div>" * DEEP + STORY[0],
        "<html><body>" + "<p><b>" * DEEP + STORY[0],
        "<html><body><article>" + "<ul><li>" * DEEP + STORY[0],
        "<p>" + "x" * 20_000_000,
        "<p>" + "&#" * 1_000_000,
        page(head=json_ld("[" * DEEP)),
        page(f"<p>{'-' * DEEP}</p><p>{'1' * DEEP}</p><p>{STORY[0]}</p>"),
        page(f"<p>{STORY[0]}</p>", head=f'<meta name="author" content="{"@a" * DEEP}">'),
    ],
    ids=lambda markup: markup[:24],
)
def test_a_hostile_page_is_an_article_or_a_problem(markup: str) -> None:
    assert isinstance(convert(document(markup)), Article | Problem)


@pytest.mark.parametrize(("count", "read"), [(9_000, True), (11_000, False)])
def test_a_page_with_a_tag_of_too_many_attributes_is_not_parsed(count: int, read: bool) -> None:
    """Wherever it stands, and however many short tags stand before it."""
    loaded = f"<div {' '.join(f'a{number}=1' for number in range(count))}></div>"
    found = pages.read(page("".join(f"<p>{p}</p>" for p in STORY) + "<br>" * 9_000 + loaded))
    assert (found is not None) is read


def test_broken_character_references_cost_no_paragraph() -> None:
    broken = page("".join(f"<p>{p} &#0;&#x1F;&#xD800;&#99999999;&bogus;</p>" for p in STORY))
    article = convert(document(broken))
    assert isinstance(article, Article)
    assert sum(segment.role == "body" for segment in article.segments) == len(STORY)
    assert "\0" not in article.text
    assert article.text.encode("utf-8")


_TAGS = """
<p> </p> <div class='related'> </div> <br> <br><br> <a href='#'> </a> <h1> <h2> </h2> <ul><li> </ul>
<figure><figcaption> </figure> <time datetime='x'> <main> <article> &#0; <!-- --> <table><td>
<blockquote>
<script type="application/ld+json"> </script> {"@type":"NewsArticle","author":[1]}
"""
_PIECES = st.sampled_from([*re.findall(r"<[^>]*>|\S+", _TAGS), *STORY])


@settings(deadline=None)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=60))
def test_any_markup_is_read_without_a_crash(pieces: list[str]) -> None:
    markup = "<html><body>" + "".join(pieces) + "</body></html>"
    found = convert(document(markup))
    if isinstance(found, Article):
        assert all(0 <= cut.start < cut.end <= len(markup) for cut in found.removed)


# --- what stands around the story ---------------------------------------------------------------


def around(front: str, **more: str) -> pages.Page:
    return read(page(front + "{}", **more))


@pytest.mark.parametrize(
    ("figure", "caption", "credit"),
    [
        (
            "<figcaption>The pier. <cite>Photographer: Jo Ann Orr/The Quay</cite></figcaption>",
            "The pier.",
            "Jo Ann Orr/The Quay",
        ),
        (
            "<figcaption><span>The pier at Orrin, May 3, 2025. HOLM/Ned Orr</span> "
            '<a href="/buy">License this picture</a></figcaption>',
            "The pier at Orrin, May 3, 2025.",
            "HOLM/Ned Orr",
        ),
        (
            "<figcaption><span>The pier at Orrin, May 3, 2025. HOLM/Ned Orr</span> "
            '<a href="/buy">Purchase licensing rights</a></figcaption>',
            "The pier at Orrin, May 3, 2025.",
            "HOLM/Ned Orr",
        ),
        (
            '<figcaption>The pier. <span class="credit">© Ned Orr for The Quay</span></figcaption>',
            "The pier.",
            "Ned Orr for The Quay",
        ),
        ("<figcaption>The pier (Image: Ned Orr)</figcaption>", "The pier", "Ned Orr"),
        ("<figcaption>The pier at Orrin. Ned Orr</figcaption>", "The pier at Orrin.", "Ned Orr"),
        (
            "<figcaption>Image 2 of 9: The pier. <cite>Ned Orr</cite></figcaption>",
            "The pier.",
            "Ned Orr",
        ),
    ],
)
def test_a_credit_is_no_part_of_its_caption(figure: str, caption: str, credit: str) -> None:
    found = around(f'<figure><img src="a.jpg">{figure}</figure>')
    assert [text for role, text in found.paragraphs if role == "caption"] == [caption]
    assert found.credit == [credit]


@pytest.mark.parametrize("named", ["20250503_114512", "20250503114512-02"])
def test_the_name_of_a_file_is_no_caption(named: str) -> None:
    found = around(f'<figure><img src="a.jpg"><figcaption>{named}</figcaption></figure>')
    assert "caption" not in dict(found.paragraphs)


@pytest.mark.parametrize(
    "picture",
    [
        '<div class="pic"><img src="a.jpg"><div class="cap">The pier. Pic: Ned Orr</div></div>',
        '<div class="image"><img src="a.jpg"><br><i>The pier.</i> <small>(Image: Ned Orr)</small>'
        "</div>",
        '<div class="x image right"><div><img src="a.jpg"><a href="a.jpg">Enlarge</a></div>'
        "<div><cite>Ned Orr</cite> The pier.</div></div>",
    ],
)
def test_pages_without_figures_have_captions_too(picture: str) -> None:
    markup = page(picture + "{}").replace("<main><article>", "<div>")
    found = read(markup.replace("</article></main>", "</div>"))
    assert [text for role, text in found.paragraphs if role == "caption"] == ["The pier."]
    assert found.credit == ["Ned Orr"]
    assert [text for role, text in found.paragraphs if role == "body"] == STORY


def test_a_list_that_sums_the_story_up_is_the_deck() -> None:
    points = ["Nine piles of forty are cracked", "The board votes again in the spring"]
    items = "".join(f"<li>{point}</li>" for point in points)
    for opening in ('<p class="by">By Ada Quill</p><ul class="key-points">', "<ul>"):
        found = around(f"{opening}{items}</ul>")
        assert [text for role, text in found.paragraphs if role == "deck"] == points
        assert {rule for _, _, rule in found.removed} <= {"byline"}


def test_a_list_in_a_box_called_a_summary_is_the_deck_and_no_one_line() -> None:
    items = "<li>Nine piles are cracked</li><li>Board votes in spring</li><li>Ferry stays</li>"
    found = around(f'<div class="page-summary"><ul>{items}</ul></div>')
    assert "deck" not in dict(found.paragraphs)  # two words sum nothing up
    found = around(
        f'<div class="page-summary"><ul>{items.replace("Ferry", "The ferry")}</ul></div>'
    )
    decks = [text for role, text in found.paragraphs if role == "deck"]
    assert decks == ["Nine piles are cracked", "Board votes in spring", "The ferry stays"]


@pytest.mark.parametrize("name", ["ingress", "article-chapo", "vorspann", "leadtext"])
def test_a_deck_may_be_called_so_in_other_languages(name: str) -> None:
    deck = "Five speakers asked for it, and none spoke against it at all"
    found = around(f'<p class="{name}">{deck}</p>')
    assert ("deck", deck) in found.paragraphs


def test_a_box_with_a_picture_is_no_deck() -> None:
    caption = "The pier at Orrin, which was closed on Monday for a day."
    figure = f"<figure><img src='a.jpg'><figcaption>{caption}</figcaption></figure>"
    found = around(f'<div class="leadtext"><div>{figure}</div></div>')
    assert found.paragraphs[1] == ("caption", caption)


def test_the_picture_between_headline_and_article_has_a_caption_too() -> None:
    figure = (
        "<figure><img src='{}.jpg'><figcaption>The {} at Orrin on Monday.</figcaption></figure>"
    )
    markup = page(f"{figure.format('pier', 'pier')}{{}}").replace("<article>", "")
    opened = f"<article><p>{STORY[0]}</p>{figure.format('quay', 'quay')}"
    markup = markup.replace(f"<p>{STORY[0]}</p>", opened).replace("main>", "section>")
    captions = [text for role, text in read(markup).paragraphs if role == "caption"]
    assert captions == ["The pier at Orrin on Monday.", "The quay at Orrin on Monday."]


def test_a_byline_that_is_called_a_subtitle_is_no_deck() -> None:
    found = around('<div class="sub-title">by Ada Quill, December 7, 2025</div>')
    assert found.paragraphs[1] == ("body", STORY[0])


def test_a_line_under_the_headline_that_is_called_sub_is_the_deck() -> None:
    found = around('<h2 class="sub">Nine piles of forty are cracked, say the engineers</h2>')
    assert found.paragraphs[1] == ("deck", "Nine piles of forty are cracked, say the engineers")


@pytest.mark.parametrize(
    "byline",
    [
        '<span class="byline">By Ada Quill aquill@quay.example</span>',
        '<div class="byline">By Ada Quill<br>18:20, 15 Jun 2025</div>',
        '<div class="storyby">Ada Quill, Harbour Correspondent</div>',
        '<div class="byline">By Ada Quill<br><small>Local democracy correspondent</small></div>',
        '<div class="byline">Crime Reporter<br>Ada Quill</div>',
        '<p class="post-by">Words by Ada Quill · <a href="#recipe">Jump to recipe</a></p>',
        '<div class="byline">By Ada Quill<br>Illustrations by Ned Orr</div>',
        '<div class="byline">Interview: Ada Quill</div>',
        "<p>Photographs and text by Ada Quill</p>",
        '<div class="byline">By Ada Quill</div><figure><img src="a.jpg"><figcaption>The pier.'
        '<p class="byline">Ned Orr, The Quay</p></figcaption></figure>',
    ],
)
def test_authors_are_the_people_of_the_byline(byline: str) -> None:
    assert around(byline).authors == ["Ada Quill"]


@pytest.mark.parametrize(
    "line",
    [
        '<div class="byline">By Ada Quill<br>18:20, 15 Jun 2025</div>',
        '<div class="storydate">Sun 15 Jun 2025, 06:00</div>',
        '<time datetime="2025-06-15T06:10:00-07:00">Jun 15, 2025 Updated Jun 16, 2025</time>',
    ],
)
def test_the_day_is_that_of_the_line_under_the_headline(line: str) -> None:
    assert around(line).date_published == "2025-06-15"


def test_a_printed_page_says_where_it_was_printed_from() -> None:
    foot = "<p>Printed from https://quay.example/news/1<br>© The Quay</p>"
    assert read(page("{}" + foot)).url == "https://quay.example/news/1"


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- saved from url=(0027)https://quay.example/news/1 -->",
        "<!--\n Page saved with SingleFile \n url: https://quay.example/news/1 \n-->",
    ],
)
def test_a_saved_page_says_where_it_was_saved_from_if_it_states_no_address(comment: str) -> None:
    assert read(comment + page()).url == "https://quay.example/news/1"
    own = page(head='<link rel="canonical" href="https://quay.example/ferry">')
    assert read(comment + own).url == "https://quay.example/ferry"


@pytest.mark.parametrize(
    ("opening", "dateline"),
    [
        ("ORRIN, Feb 18 (Holm) - ", "ORRIN, Feb 18"),
        ("SAINT-ÉLOI, New Quay, Sept 4 (Holm) – ", "SAINT-ÉLOI, New Quay, Sept 4"),
        ("KELSO QUAY, Co Orrin — ", "KELSO QUAY, Co Orrin"),
        ("ORRIN - ", ""),
        ("Orrin, Feb 18 - ", ""),
    ],
)
def test_a_dateline_is_a_field_and_no_text(opening: str, dateline: str) -> None:
    found = read(page("{}").replace(STORY[0], opening + STORY[0], 1))
    assert found.dateline == dateline
    body = [text for role, text in found.paragraphs if role == "body"]
    assert body == [STORY[0] if dateline else opening + STORY[0], *STORY[1:]]


# --- no rule takes most of an article ---------------------------------------------------------


@pytest.mark.parametrize("name", ["promo-text", "share-line", "related-item"])
def test_a_name_that_most_paragraphs_have_takes_none(name: str) -> None:
    named = "".join(f'<div class="{name}"><p>{paragraph}</p></div>' for paragraph in STORY)
    assert body_of(page(named)) == STORY


@pytest.mark.parametrize(
    "around", ["<aside>{}</aside>", "<footer>{}</footer>", '<div aria-hidden="true">{}</div>']
)
def test_a_story_in_what_holds_none_is_read_by_itself(around: str) -> None:
    assert body_of(page(around)) == STORY


def test_a_story_for_readers_without_scripts_is_one() -> None:
    assert body_of(page("<noscript>{}</noscript>")) == STORY


@pytest.mark.parametrize("how", ["hidden", 'style="visibility: hidden"'])
def test_a_story_in_line_breaks_that_waits_for_its_reader_stays(how: str) -> None:
    assert body_of(page(f"<div {how}>{'<br><br>'.join(STORY)}</div>")) == STORY


def test_what_stands_below_a_story_does_not_take_its_place() -> None:
    said = "".join(
        f"<p>I have crossed at night for {n} years and nobody ever asked me what I think of it.</p>"
        for n in range(3, 30)
    )
    below = f'<div class="c7"><div class="c8">{said}</div></div>'
    markup = page().replace("</article></main>", f"</article></main>{below}")
    assert body_of(markup) == STORY


# --- the markup of today's systems --------------------------------------------------------------


@pytest.mark.parametrize(
    ("figcaption", "credit"),
    [
        ("<span>{}</span><span>Jo Obi/The Quay</span>", "Jo Obi/The Quay"),
        ("{} <span>Foto: Sjo Bakema</span>", "Sjo Bakema"),
        ("{} Photo: A. Roth", "A. Roth"),
        ("{} Foto: Armin Döring/The Quay", "Armin Döring/The Quay"),
        ("{} <em>Illustration by Ewa Stanek for The Quay</em>", "Ewa Stanek for The Quay"),
        ("<p>{}</p><p>Jo Obi</p>", "Jo Obi"),
        ("{} <span class='attribution'><span class='source'>Orrin Museum</span>, CC BY</span>", ""),
        ("<span class='sr-only'>Image caption, </span><p>{}</p>", ""),
        ("<small>{}</small>", ""),
        ("{} <cite><span>Credit: </span> </cite>", ""),
    ],
)
def test_a_caption_ends_before_the_element_with_its_credit(figcaption: str, credit: str) -> None:
    caption = "The lower quay on Monday, after the storm."
    figure = f"<figure><img src='a.jpg'><figcaption>{figcaption.format(caption)}</figcaption>"
    found = read(page(f"{figure}</figure>{{}}"))
    assert [text for role, text in found.paragraphs if role == "caption"] == [caption]
    if credit or "source" not in figcaption:
        assert found.credit == [credit] * bool(credit)


def test_a_copyright_sign_ends_a_caption_that_is_no_sentence() -> None:
    figcaption = "The miller at his new sails © Anke Roelfs"
    found = read(page(f"<figure><img><figcaption>{figcaption}</figcaption></figure>{{}}"))
    assert ("caption", "The miller at his new sails") in found.paragraphs
    assert found.credit == ["Anke Roelfs"]


def test_what_is_no_credit_behind_a_sentence_stays_in_its_caption() -> None:
    caption = "The lower quay. It was closed on Monday."
    figcaption = caption.replace(" It", " <span>It").replace("Monday.", "Monday.</span>")
    found = read(page(f"<figure><img><figcaption>{figcaption}</figcaption></figure>{{}}"))
    assert ("caption", caption) in found.paragraphs
    assert found.credit == []


@pytest.mark.parametrize("name", ["imageCaption", "wp-caption-text"])
def test_a_paragraph_called_a_caption_beside_a_picture_is_one(name: str) -> None:
    caption = "The lower quay on Monday, after the storm."
    image = "<amp-img src='a.jpg'></amp-img>" if name.startswith("wp") else "<img src='a.jpg'>"
    found = read(page(f"<div class='media'>{image}<p class='{name}'>{caption}</p></div>{{}}"))
    assert found.paragraphs[1:3] == [("caption", caption), ("body", STORY[0])]


DECK = "The boat will cross until midnight, and the crew will have a new shed"


@pytest.mark.parametrize(
    ("under", "is_deck"),
    [
        ("<p class='x1'>{}.</p><div class='x2'>By Ada Bell</div>", True),
        ("<h2 class='x1'>{}</h2><div><time datetime='2026-05-01'>1 May 2026</time></div>", True),
        ("<header><p>{}.</p></header><div class='byline'>Ada Bell</div>", True),
        (
            "<p class='x1'>{}.</p><div class='x2'><span>Ada Bell</span><span>1 May</span></div>",
            True,
        ),
        ("<p>1 May 2026</p><p><b>{}.</b></p><p>By Ada Bell</p>", True),
        ("<p class='x1'>{}.</p><p>By going on you agree to our terms of use.</p>", False),
        ("<p class='x1'>{}.</p><figure><img src='a.jpg'></figure>", False),
    ],
)
def test_the_line_between_headline_and_byline_is_the_deck(under: str, is_deck: bool) -> None:
    head = '<meta name="author" content="Ada Bell">'
    found = read(page(under.format(DECK) + "{}", head=head))
    said = [text.rstrip(".") for role, text in found.paragraphs if role == "deck"]
    assert said == ([DECK] if is_deck else [])
    assert [text for _, text in found.paragraphs][-len(STORY) :] == STORY


@pytest.mark.parametrize(("tag", "role"), [("{}", "body"), ("<b>{}</b>", "deck")])
def test_a_first_paragraph_that_describes_the_page_is_its_opening(tag: str, role: str) -> None:
    told = f'<meta property="og:description" content="{STORY[0]}">'
    text = page(head=told).replace(f"<p>{STORY[0]}</p>", f"<p>{tag.format(STORY[0])}</p>")
    assert read(text).paragraphs[1] == (role, STORY[0])


def test_a_kicker_in_an_element_of_its_own_is_no_headline() -> None:
    h1 = f"<h1><span>Orrin</span> <span>{HEADLINE}</span></h1>"
    text = page(head=f'<meta property="og:title" content="{HEADLINE}">')
    text = text.replace(f"<h1>{HEADLINE}</h1>", h1)
    assert read(text).paragraphs[0] == ("headline", HEADLINE)


@pytest.mark.parametrize(
    ("h1", "headline"),
    [
        (f"<span class='top-kicker'>Orrin</span><span>{HEADLINE}</span>", HEADLINE),
        ("<span>Harbour board</span><span>to keep the boat</span>", ""),
        ("Harbour board<br>to keep the boat", ""),
    ],
)
def test_the_lines_of_a_headline_are_not_run_together(h1: str, headline: str) -> None:
    text = page().replace(f"<h1>{HEADLINE}</h1>", f"<h1>{h1}</h1>")
    shown = headline or "Harbour board to keep the boat"
    assert read(text).paragraphs[0] == ("headline", shown)


def test_boxes_with_the_role_of_a_heading_are_headings() -> None:
    text = page(
        f"<div>{DECK}</div><div>Ada Bell</div>{paragraphs(*STORY[:2])}"
        "<div role='heading' aria-level='2'>A vote by hand</div>" + paragraphs(*STORY[2:]),
        head='<meta name="author" content="Ada Bell">',
    )
    text = text.replace("<h1>", "<div role='heading' aria-level='1'>").replace("</h1>", "</div>")
    found = read(text).paragraphs
    assert found[0] == ("headline", HEADLINE)
    assert ("subhead", "A vote by hand") in found


def test_the_lines_of_a_quote_in_boxes_are_not_run_together() -> None:
    said = "The frost is what will stop it, and nobody has asked the frost."
    quote = f"<blockquote><div>{said}</div><div>Ada Bell</div></blockquote>"
    found = body_of(page(f"{paragraphs(*STORY[:2])}{quote}{paragraphs(*STORY[2:])}"))
    assert found == [*STORY[:2], said, "Ada Bell", *STORY[2:]]


def test_below_the_end_of_a_release_nothing_is_text() -> None:
    notes = "<p>– ENDS –</p><h3>Notes to editors</h3><p>The board was set up in 1912.</p>"
    assert body_of(page(paragraphs(*STORY) + notes)) == STORY


def test_a_bold_line_above_a_list_of_sentences_is_a_subhead() -> None:
    line = "<p><b>What comes next</b></p><ul><li>{}</li></ul>"
    points = ["The board votes in May.", "The boat is sold in June."]
    found = read(page(paragraphs(*STORY) + line.format("</li><li>".join(points)))).paragraphs
    assert found[-3:] == [("subhead", "What comes next"), *(("body", each) for each in points)]


def test_a_box_with_a_heading_that_ends_in_a_button_goes_behind_a_list_too() -> None:
    offer = "<ul><li>The boat stays.</li></ul><div><h3>Do you like this?</h3><p>Join us.</p>"
    offer += "<div><a class='button' href='/join'>Join</a></div></div>"
    text = page(f"{paragraphs(*STORY)}{offer}{paragraphs(STORY[0].replace('first', 'last'))}")
    assert "Do you like this?" not in body_of(text)


def test_the_parts_of_a_live_blog_may_be_items_of_a_list() -> None:
    items = "".join(
        f"<li><header><time>1{n}.00</time><h2>At {n}</h2></header><p>{text}</p></li>"
        for n, text in enumerate(STORY)
    )
    found = read(page(f"<p class='standfirst'>{DECK}.</p><ol>{items}</ol>")).paragraphs
    expected = [part for n, t in enumerate(STORY) for part in (("subhead", f"At {n}"), ("body", t))]
    assert found[2:] == expected


def test_a_headline_that_no_heading_shows_is_what_the_title_says_behind_the_site() -> None:
    text = page().replace(f"{HEADLINE} | The Quay", f"The Quay - {HEADLINE}")
    text = text.replace(
        f"<h1>{HEADLINE}</h1>", f"<b>{HEADLINE}</b><p>By Ada Bell<br>1 May 2026</p>"
    )
    found = read(text)
    assert found.paragraphs[0] == ("headline", HEADLINE)
    assert (found.authors, found.date_published) == (["Ada Bell"], "2026-05-01")


def test_a_name_ends_where_the_next_element_begins() -> None:
    found = read(
        page("<div class='byline'><span>Ada Bell</span><span>Thu 7 May 2026</span></div>{}")
    )
    assert found.authors == ["Ada Bell"]


def test_a_place_in_bold_type_before_the_text_is_the_dateline() -> None:
    text = page().replace(f"<p>{STORY[0]}", f"<p><strong>Lower Orrin.</strong> {STORY[0]}")
    found = read(text)
    assert found.dateline == "Lower Orrin"
    assert found.paragraphs[1:] == [("body", text) for text in STORY]


@pytest.mark.parametrize(
    ("line", "role"),
    [("A new shed", "subhead"), ("Is it late?", "body"), ("Speed = way / time", "body")],
)
def test_a_short_line_in_bold_type_between_paragraphs_is_a_heading(line: str, role: str) -> None:
    said = [*STORY[:3], f"<strong>{line}</strong>", *STORY[3:]]
    assert (role, line) in read(page(paragraphs(*said))).paragraphs


FACTS = "<ul><li>Boats: two, of 1931 and 1956</li><li>Crew: nine, and a cat</li></ul>"


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        (f"<div class='x1'><span>In figures</span>{FACTS}</div>", False),
        ("<div style='border:1px'><b>In figures</b><br>Boats: two<br>Crew: nine</div>", False),
        (f"<div class='story__factbox'>{FACTS}</div><h2>And the quay</h2>", False),
        ("<div class='x-cta-card'><p>Lock &amp; Co hire out barges by the day.</p></div>", False),
        (
            "<div class='toggle'><div><h4>How old is it?</h4><button></button></div>"
            "<div><p>The boat was built in 1931, at the upper lock.</p></div></div>",
            False,
        ),
        (
            "<div style='background:#eee'><h4>The Quay is yours</h4><p>It lives by its readers.</p>"
            "<div><a class='button' href='/join'>Join the readers</a></div></div>",
            False,
        ),
        (
            f"<div class='x1'><p>{DAYS[0]}</p></div><div><b>In figures</b>{FACTS}</div>"
            f"<div class='x1'><p>{DAYS[1]}</p></div>",
            False,
        ),
        ("<div><h4>Key events</h4><ul><li><a href='#1'>The boat stops</a></li></ul></div>", False),
        (f"<div class='x1'><p>The board has:</p>{FACTS}</div>", True),
        (
            "".join(
                f"<div class='factbox'>{FACTS.replace('Boats', name)}</div>"
                f"<p>Of the {name.lower()} the board said only that they were old, and dear.</p>"
                for name in ("Boats", "Barges", "Rafts")
            ),
            True,
        ),
        (f"<p>The board has:</p>{FACTS}", True),
    ],
)
def test_a_box_of_facts_between_paragraphs_is_no_text(box: str, kept: bool) -> None:
    said = f"{paragraphs(*STORY[:3])}{box}{paragraphs(*STORY[3:], *DAYS)}"
    found = [text for text in body_of(page(said)) if text not in ("And the quay", *DAYS)]
    assert (found != STORY) == kept
    assert not kept or any("of 1931 and 1956" in text for text in found)


def test_what_stands_under_the_name_of_the_author_is_no_text() -> None:
    about = "<h3>About the byline</h3><h4>Ada Bell</h4><p>Reporter. Was a baker before.</p>"
    text = page(f"{{}}{about}", head=stating(author="Ada Bell"))
    assert "Reporter. Was a baker before." not in body_of(text)


@pytest.mark.parametrize("line", ["___", "10:02 AM UTC", "18.40"])
def test_a_rule_or_an_hour_under_a_story_is_no_text(line: str) -> None:
    assert body_of(page(f"{{}}<p>Editing by Ada Bell</p><p>{line}</p>")) == STORY


@pytest.mark.parametrize(
    "note",
    [
        "Staff writer Ned Orr contributed to this report.",
        "Update, May 2nd: The name of the boat was added.",
        "Copyright The Quay 2026. You may share it with our tools.",
        "Dieses Thema im Programm: Die Fähre, 1. Mai 2026, 17 Uhr.",
    ],
)
def test_who_helped_and_what_changed_under_a_story_is_no_text(note: str) -> None:
    assert body_of(page(f"{{}}<p>{note}</p>")) == STORY


def test_what_is_read_aloud_says_so_above_a_story() -> None:
    note = "<p>This audio is generated by a machine and may have slips in it.</p>"
    assert body_of(page(note + "{}")) == STORY


def test_an_offer_to_read_on_goes_with_what_it_promises() -> None:
    promised = "<ul><li>Every page of The Quay</li><li>Cancel when you like</li></ul>"
    wall = f"<div><h2>Read on</h2><p>You have read 5 of 5 free articles.</p>{promised}</div>"
    assert body_of(page("{}" + wall)) == STORY
    assert body_of(page(f"{paragraphs(STORY[0])}{wall}{paragraphs(*STORY[1:])}"))[-4:] == STORY[1:]


def test_a_byline_between_deck_and_text_is_no_text() -> None:
    under = f"<div class='sub-title'>{DECK}.</div><p>Submitted by Ada Bell on 1 May 2026</p>"
    found = read(page(under + "{}", head='<meta name="author" content="Ada Bell">'))
    assert found.paragraphs[1:] == [("deck", f"{DECK}."), *(("body", text) for text in STORY)]


@pytest.mark.parametrize(
    "quote",
    ["<p>{}</p><cite>Ada Bell, speaker</cite>", "<div><div>{}.</div><div>Ada Bell</div></div>"],
)
def test_a_pull_quote_goes_with_who_said_it(quote: str) -> None:
    said = "We shall keep the ferry running"
    told = f"“{said} until the frost comes,” she told the board, and took her hat from its peg."
    told += " Nobody in the room said a word."
    story = [*STORY[:2], told, *STORY[2:]]
    for quoted, kept in ((said, story), ("The frost is what will stop it", None)):
        pulled = f"<blockquote>{quote.format(quoted)}</blockquote>"
        text = page(f"{paragraphs(*story[:2])}{pulled}{paragraphs(*story[2:])}")
        assert (body_of(text) == story) == (kept is story)


@pytest.mark.parametrize(("name", "role"), [("crosshead", "subhead"), ("x1", "body")])
def test_a_short_line_that_is_called_a_heading_is_one(name: str, role: str) -> None:
    line = f"<p class='{name}'>A vote by hand</p>"
    found = read(page(f"{paragraphs(*STORY[:2])}{line}{paragraphs(*STORY[2:])}"))
    assert (role, "A vote by hand") in found.paragraphs


def test_a_paragraph_ends_with_the_closing_quote_of_german() -> None:
    box = "<div class='infobox'><h3>Die Zahl</h3><p>Vier Boote, jedes mit einer Glocke.</p></div>"
    said = [*STORY[:2], f"{STORY[2][:-1]}, „und auch im Winter.“", *STORY[3:]]
    text = f"{paragraphs(*said[:3])}{box}{paragraphs(*said[3:])}"
    assert body_of(page(text)) == said


def test_parts_of_a_live_blog_may_have_the_name_of_a_whole_post() -> None:
    posts = "".join(
        f"<section class='post'><h2>At {n}</h2><p>{text}</p></section>"
        for n, text in enumerate(STORY)
    )
    assert (
        body_of(page(f"<p class='standfirst'>{DECK}.</p>{posts}"))[1:]
        == [line for n, text in enumerate(STORY) for line in (f"At {n}", text)][1:]
    )


def test_day_and_author_may_stand_in_one_line_with_other_things() -> None:
    line = "<div>1.5.2026 | by Ada Bell | 1,204 views | <a href='p'>Print</a></div>"
    found = read(page(line + "{}"))
    assert (found.authors, found.date_published) == (["Ada Bell"], "2026-05-01")
