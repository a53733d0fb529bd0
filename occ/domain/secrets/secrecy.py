"""Values never to be shown or kept: how a secret is recognised, and taken out of a text.

Recognising is a guess by name and shape, a wide one on purpose: whoever is caught without reason
lists the value under `secrets`, which costs a line; a password in the journal can never be taken
back, because the journal only grows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MASK = "***"

# Shorter values are left: masking every "a" or "1" would make a text unreadable and, by where the
# masks stand, tell the value all the same.
_SHORTEST = 4

_NAME = re.compile(
    r".*(?:password|passwd|passphrase|requirepass|secret|token|[\w-]passwords|api[-_.]?keys"
    r"|(?:access|account|api|auth|encryption|master|private|secret|signing)[-_.]?key"
    r"|(?:admin|db|ftp|ldap|mail|mongo|pg|postgres|redis|root|smtp|sql|user)(?:pass|pwd)"
    r"|(?:app|encryption|secret|signing)[-_.]?keys|erlang[-_.]?cookie|salt"
    r"|(?:password|passwd|secret|token|key)[-_.]?(?:hash|digest)"
    r"|(?:basic|digest|http|neo4j|proxy|redis|rediscli|registry)[-_.]?auth(?:[-_.]users)?"
    r"|notifications?[-_.]?ur[il]s?|secret[-_.]?key[-_.]?base)[-_.]?\d{0,3}"
    r"|pass|credentials|.+[-_.](?:pass|pwd|pw|key|credentials?|iv|claim)|.+[-_]pat"
    r"|.+[-_.]webhooks?(?:[-_.]?ur[il]s?)?",
    re.IGNORECASE,
)
# Public things that only sound like secrets, whatever their value: SSH_PUBLIC_KEY; and programs,
# for they begin what they say with their name.
_PUBLIC = re.compile(r"(?:.*[-_.])?public[-_.]?key|(?:ch|g)passwd", re.IGNORECASE)
# Switches too (--no-password, ALLOW_EMPTY_PASSWORD), as long as their value is a switch's.
_SWITCH = re.compile(r"(?:no|without|allow|require|generate|ask)[-_].*", re.IGNORECASE)
_SWITCHED = re.compile(r"\d{1,3}|enabled?|disabled?|always|never|optional|required", re.IGNORECASE)
# Values that give nothing away: a switch's, a variable's name as a shell or opencode's config
# writes it, a template's placeholder, the place of a secret with what stands before it, a file's
# name, what is masked already.
_PLAIN = re.compile(
    r"|true|false|yes|no|on|off|null|none|\*\*\*[\"']?[:,]?|\$\w+|\$\{\w+\}|\{\{[^{}\n]+\}\}"
    r"|(?:(?:bearer|basic|token)\s+|[\w.@-]{0,64}[:/])\{\{secret:[\w.-]+\}\}"
    r"|\{(?:env|file):[^{}\s]+\}|/run/secrets/[\w./-]+"
    r"|[\w./~-]*\.(?:pem|key|crt|cer|p12|pfx|jks|json|txt|conf|ya?ml)",
    re.IGNORECASE,
)

# `NAME=value`, `--name=value`, `--name value`, `Name: value`, `name = value`, anywhere in a word or
# a line; and with a `key`, the names of JSON and its like: `"name": "value"`, `name:"value"`.
_NAMED = re.compile(
    r"(?<![\w.-])(?P<dashes>-{0,2})(?P<name>\w[\w.-]*+)"
    r"(?:(?P<key>\\{0,8}[\"']\s{0,20}(?:=>|:=?|={1,2})\s{0,20}|:(?=[\"']))"
    r"|(?P<sign>=|[ \t]{1,8}(?:=>|:=|={1,2})[ \t]{0,8}|[ \t]{0,8}:\s+|\s+(?!-)))"
)
_VALUE = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'])+|[\"']\S+")
# After a key: text to its closing quote or the line's end, a list, or one word that is all there
# is. Before several words it is not a key: `"DB_PASSWORD": it stands there already`.
_KEYED = re.compile(
    r"(?:\"(?:[^\"\\\n]|\\.)*+(?:\"|$)|'(?:[^'\\\n]|\\.)*+(?:'|$)"
    r"|(?P<quote>\\+[\"']).*?(?:(?<!\\)(?P=quote)|$)|\[[^\]\n]*+\]?)[^\s\"',;:{}\[\]()\\]*+"
    r"|[^\s\"',;:{}\[\]()\\]++(?=[ \t]{0,8}(?:[,}]|$))",
    re.MULTILINE,
)
_QUOTES_AND_ENDS = "\"';&|)"
_QUOTES_AND_BRACKETS = "\\\"'[] "
_AROUND = _QUOTES_AND_ENDS + _QUOTES_AND_BRACKETS
_OPTION = re.compile(r"--?(?P<name>\w[\w.-]*)")
_SCHEME = re.compile(r"\b(?:bearer|basic)\s+(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE)
# RFC 3986, 3.2.1: userinfo stands between the slashes and the last @ before the path.
_USERINFO = re.compile(r"(?<=://)[^\s/?#:@]*:(?P<value>[^\s/?#]+)@")
_TOKEN_AS_USER = re.compile(r"(?<=://)(?P<value>[^\s/?#:@]{20,})@")
# The data source names of Go: user:password@tcp(host:port)/db.
_DATA_SOURCE = re.compile(r"(?<![\w/.-])[\w.-]{1,64}:(?P<value>[^\s@/]{1,256})@(?:tcp|unix)6?\(")
# Addresses of people's own chat rooms and telephones: whoever has one can write there.
_NOTIFIED = re.compile(
    r"(?:\b(?:discord|gotifys?|ifttt|mattermosts?|msteams|ntfys?|opsgenie|pbul|pover|pushbullet"
    r"|pushover|rocketchat|slack|teams|telegram|tgram|zulip)://"
    r"|\bdiscord(?:app)?\.com/api/webhooks/|\bhooks\.slack\.com/\w+/|\bapi\.telegram\.org/bot)"
    r"(?P<value>[^\s\"',]+)",
    re.IGNORECASE,
)
# Hashes of passwords as crypt(3), htpasswd and their like write them: they can be tried at leisure.
_HASH = re.compile(
    r"(?P<value>\$(?:apr1|2[abxy]|[156y]|argon2(?:id|[id])|scrypt|pbkdf2[\w-]*)\$[\w./$+=,-]{8,})"
)
# Tokens that their makers gave a form of its own, so that they are known without a name: GitHub's,
# GitLab's, Slack's, AWS's, and those of OpenAI, Anthropic, Stripe and many after them.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?P<value>gh[opsru]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abeoprs]-[\w-]{10,}|A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])|[rs]k_(?:live|test)_\w{16,}"
    r"|(?<![_-])sk-(?=[\w-]*\d)[\w-]{16,})",
    re.ASCII,
)


def looks_secret(name: str) -> bool:
    """Whether a name is one that passwords, tokens and keys go by: `DB_PASSWORD`, `api-token`."""
    return _sounds_secret(name) and not _SWITCH.fullmatch(name)


def holds_secret(name: str, value: str) -> bool:
    """Whether a named value is probably a secret, by its name or by what stands in it."""
    return (_sounds_secret(name) and not _gives_nothing(name, value)) or clean(value) != value


def clean(text: str) -> str:
    """The text with everything that looks like a secret replaced by `***`.

    That is: values of secret names (`TOKEN=...`, `--password ...`, `"apiKey": "..."`), passwords in
    URLs, what follows `Bearer`, and tokens of a known form (`ghp_...`). A variable's name, as in
    `--password="$PASSWORD"`, is left.
    """
    pieces, at = [], 0
    for start, end in sorted(_spans(text)):
        if start >= at:
            pieces += [text[at:start], MASK]
        at = max(at, end)
    return "".join((*pieces, text[at:]))


def clean_argv(argv: Sequence[str]) -> tuple[str, ...]:
    """The words of a command with `***` for what looks like a secret, for the journal's audit.

    A word after an option of a secret name (`--token`, `x`) is such a value too, and a word is
    one value to its end, blanks and all (`--password=correct horse`).
    """
    return tuple(
        MASK if before is not None and _follows(before, word) else _clean_word(word)
        for before, word in zip((None, *argv), argv, strict=False)
    )


def redact(text: str, values: Iterable[str], *, words_below: int = 0) -> str:
    """The text with every secret value in it replaced by `***`; values under 4 characters stay.

    A value of several lines is also taken out line by line, as logs would have it. Values of fewer
    than `words_below` characters count only where no letter or digit is beside them: `1234` is no
    part of an id.
    """
    parts = {part for value in values for part in (value, *value.splitlines())}
    hidden = sorted((part for part in parts if len(part) >= _SHORTEST), key=len, reverse=True)
    if not any(part in text for part in hidden):
        return text
    return re.sub("|".join(_as_word(part, words_below) for part in hidden), MASK, text)


def _as_word(part: str, words_below: int) -> str:
    word = re.escape(part)
    return word if len(part) >= words_below else rf"(?<![^\W_]){word}(?![^\W_])"


def redact_bytes(line: bytes, values: Iterable[str]) -> bytes:
    """As `redact`, for output whose bytes may be no text."""
    # Every byte is one character of Latin-1, so nothing else of the line changes.
    hidden = [value.encode().decode("latin-1") for value in values]
    return redact(line.decode("latin-1"), hidden).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A part of a text that looks like a secret, from `start` to `end`, without its quotes."""

    name: str
    """The name before it; empty where its form alone gave it away."""
    start: int
    end: int


def suspects(text: str) -> Iterator[Suspect]:
    """All that looks like a secret in a text, from its beginning; no two overlap."""
    at = 0
    for start, end, name in sorted(_named_spans(text)):
        if start < at:
            continue
        inner = text[start:end].lstrip(_AROUND)
        first = end - len(inner)
        last = first + len(inner.rstrip(_AROUND))
        at = end
        if first < last:
            yield Suspect(name, first, last)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets stand in the text."""
    for start, end, _ in _named_spans(text):
        yield start, end


def _named_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where secrets stand in the text, each with the name before it, if there is one."""
    at = 0
    # Names within a value are not looked for: time would grow with the square of its length.
    while found := _NAMED.search(text, at):
        at = found.end()
        if found["dashes"] or found["key"] or not found["sign"].isspace():
            value = _secret_value(found, text)
            if value is not None:
                at = value.end()
                yield (*value.span(), found["name"])
    for pattern in (
        *(_SCHEME, _USERINFO, _TOKEN_AS_USER, _TOKEN),
        *(_DATA_SOURCE, _NOTIFIED, _HASH),
    ):
        for found in pattern.finditer(text):
            if not _PLAIN.fullmatch(found["value"]):
                yield (*found.span("value"), "")


def _sounds_secret(name: str) -> bool:
    """As `looks_secret`, but a switch may hold a secret too, which its value tells."""
    return bool(_NAME.fullmatch(name)) and not _PUBLIC.fullmatch(name)


def _gives_nothing(name: str, value: str) -> bool:
    switched = _SWITCH.fullmatch(name) and _SWITCHED.fullmatch(value)
    return bool(switched or _PLAIN.fullmatch(value))


def _secret_value(named: re.Match[str], text: str) -> re.Match[str] | None:
    """The value after a name, if the name is a secret's and the value is not plain."""
    name, takes_none = named["name"], (named["sign"] or "").isspace()
    if not _sounds_secret(name) or (takes_none and _SWITCH.fullmatch(name)):
        return None
    form, around = (_KEYED, _QUOTES_AND_BRACKETS) if named["key"] else (_VALUE, _QUOTES_AND_ENDS)
    value = form.match(text, named.end())
    if value is None or _gives_nothing(name, value[0].strip(around)):
        return None
    return value


def _clean_word(word: str) -> str:
    named = _NAMED.match(word)
    if named and named["sign"] == "=" and _secret_value(named, word):
        return word[: named.end()] + MASK
    return clean(word)


def _follows(before: str, word: str) -> bool:
    """Whether `word` is the secret value of the option `before`."""
    option = _OPTION.fullmatch(before)
    return (
        option is not None
        and looks_secret(option["name"])
        and not word.startswith("-")
        and not _PLAIN.fullmatch(word)
    )
