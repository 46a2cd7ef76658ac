"""The documentation as the console shows it: Markdown of ``docs/``, rendered once for each language and kept."""

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_PACKAGED = Path(__file__).parent / "docs"
_REPOSITORY = Path(__file__).resolve().parents[2] / "docs"
IMAGES_PATH = "/resources/images"
PAGES = (
    "reward_parameters",
    "tips",
    "rules",
    "glossary",
    "real_car",
    "aws_models",
    "training",
    "tracks",
    "benchmarks",
    "model_folder",
    "environments",
    "raceline",
    "camera",
    "architecture",
)
"""Names of the pages, those for everybody first. Pages with formulas are not among them."""

_LINK = re.compile(r"(\w+)\.md(#[\w-]+)?")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page: what it says, and the place to jump to."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A rendered page.

    Attributes:
        title: its first heading.
        html: everything after that.
        sections: headings of the second level.
        is_translated: whether it is in the language that was asked for.
    """

    title: str
    html: str
    sections: tuple[Section, ...]
    is_translated: bool


def docs_folder() -> Path:
    """Where the documentation lies: in an installed package inside it, else in the repository."""
    return _PACKAGED if _PACKAGED.is_dir() else _REPOSITORY


@cache
def guide_page(name: str, language: str) -> GuidePage:
    """A page of the documentation.

    Args:
        name: one of :data:`PAGES`.
        language: where the page has not been translated, it is in English.

    Raises:
        KeyError: there is no such page.
    """
    if name not in PAGES:
        raise KeyError(name)
    translated = docs_folder() / language / f"{name}.md"
    is_translated = language == "en" or translated.is_file()
    source = translated if translated.is_file() else docs_folder() / f"{name}.md"
    markdown = MarkdownIt("commonmark", {"highlight": _highlight}).enable("table")
    tokens = markdown.parse(source.read_text("utf-8"))
    title = tokens[1].content
    sections = []
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.tag in ("h2", "h3"):
            anchor = anchor_of(inline.content)
            token.attrSet("id", anchor)
            if token.tag == "h2":
                sections.append(Section(_plain(inline), anchor))
    for token in tokens:
        _adapt_links(token.children or [])
    html = str(markdown.renderer.render(tokens[3:], markdown.options, {}))
    # Wide tables scroll in a box of their own, so that a phone does not scroll the page sideways.
    html = html.replace("<table>", '<div class="or-tablebox"><table>').replace("</table>", "</table></div>")
    return GuidePage(title, html, tuple(sections), is_translated)


def anchor_of(heading: str) -> str:
    """The place of a heading, as GitHub names it."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.strip().replace(" ", "-")


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def _adapt_links(tokens: list[Token]) -> None:
    """Lead links to the console's pages; what is not shown there keeps its words alone."""
    for token in tokens:
        if token.type == "image":
            source = str(token.attrGet("src") or "")
            token.attrSet("src", f"{IMAGES_PATH}/{Path(source).name}")
            token.attrSet("loading", "lazy")
        if token.type != "link_open":
            continue
        target = str(token.attrGet("href") or "")
        known = _LINK.fullmatch(target)
        if target.startswith("#"):
            continue
        if known and known[1] in PAGES:
            token.attrSet("href", f"/resources/{known[1]}{known[2] or ''}")
        elif target.startswith("https://"):
            token.attrSet("rel", "noreferrer")
            token.attrSet("target", "_blank")
        else:
            del token.attrs["href"]


def _highlight(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))
