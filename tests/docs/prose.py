"""The sentences of pages, docstrings and comments, and the beginnings that a reader stumbles over.

A sentence that begins with a relative clause or a lone preposition has no noun to hold on to before
its verb. Readers whose first language is another read it twice.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import chain

# Lower case stays out: a table's cell or a comment behind a line is a phrase, and no sentence.
STUMBLING = re.compile(r"(?:One (?:that|whose|who|which)|What|Of|Nor)\b")
# A clause is said again by its noun, or not at all. `There is none` is said of a noun.
CLAUSE = re.compile(
    r"(?<!there )\b(?:is|are|was|were|becomes?) none(?:[.,;:]|$)"
    r"|\b(?:is|are|was|were|do|does|did|says?|said|saying) so(?:[.,;:]| too\b|$)"
)
_ENDS = re.compile(r"(?<=[.!?:])[`*_)\"']*\s+(?=[`*_(\"'\[]*[A-Z])")
_DIRECTIVE = re.compile(r"#\s*(?:noqa|type:|pragma)")


def stumbles(blocks: Iterator[str]) -> list[str]:
    """The sentences of these blocks of text that begin badly, or end in a word for a clause."""
    return [
        sentence
        for block in blocks
        for sentence in sentences(block)
        if STUMBLING.match(sentence.lstrip("`*_([\"'")) or CLAUSE.search(sentence)
    ]


def sentences(block: str) -> list[str]:
    """One block of text in sentences, its lines joined."""
    return _ENDS.split(" ".join(block.split()))


def blocks_of_source(source: str) -> Iterator[str]:
    """The paragraphs of all docstrings, those below fields too, and the comments.

    The docstring of a command is left out: it is the text of `--help`, and people see it.
    """
    for text in chain(_docstrings(ast.parse(source)), _comments(source)):
        yield from re.split(r"\n\s*\n|\n\s*(?=[-*] |Raises:|\w+Error: )", text)


def blocks_of_page(page: str) -> Iterator[str]:
    """The headings, paragraphs, points and cells of a Markdown page, without its code."""
    prose = re.sub(r"^(```|~~~).*?^\1$", "", page, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"<!--.*?-->", "", prose, flags=re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#]|\d+\.) )|\n(?=\|)|\n(?=#)", prose):
        text = re.sub(r"^\s*(?:[-*]|#+|\d+\.)\s+", "", block.strip())
        yield from text.strip("|").split(" | ") if text.startswith("|") else [text]


def _docstrings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        decorators = [] if isinstance(node, ast.Module) else node.decorator_list
        if any(re.search(r"\.(?:command|group)\(", ast.unparse(one)) for one in decorators):
            continue
        for statement in node.body:
            value = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def _comments(source: str) -> Iterator[str]:
    """Comments, those on lines one below another as one text."""
    text, last = "", (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or _DIRECTIVE.match(token.string):
            continue
        said = token.string.lstrip("#:").strip()
        if token.start == (last[0] + 1, last[1]):
            text += f" {said}"
        else:
            yield text
            text = said
        last = token.start
    yield text
