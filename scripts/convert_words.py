"""Turn what is left of `Words("…", "…")` into messages, their French into the catalogue.

`python scripts/convert_words.py [PATH …]`: reports on stderr what it could not do, or did by guessing.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalogues import LOCALE, read_catalogue

ROOT = Path(__file__).parents[1]
PO = LOCALE / "fr" / "LC_MESSAGES" / "smartreg.po"
SKIPPED = {"core/messages.py"}
NAMES = {"Message", "plural", "message_in", "plural_in", "verbatim", "joined", "number", "Text", "Words"}
MOVED = {"Language", "LANGUAGES", "Words"}
COMMAND = re.compile(r"(smartreg|git|pip|update-index|sqlite|table schema|scdl|uv|brew|apt)[ ,]", re.IGNORECASE)
SPACES = {"FIXED": "\u00a0", "NARROW": "\u202f"}
HEADER = """# French translations of smartreg.
#
msgid ""
msgstr ""
"Project-Id-Version: smartreg\\n"
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class CannotError(Exception):
    pass


@dataclass
class Slot:
    """A value in an f-string."""

    node: ast.expr
    conversion: int
    spec: str

    @property
    def source(self) -> str:
        return ast.unparse(self.node)


Part = "str | Slot"


def parts_of(node: ast.expr) -> list[Any]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        parts: list[Any] = []
        for one in node.values:
            if isinstance(one, ast.Constant):
                parts.append(str(one.value))
            elif isinstance(one, ast.FormattedValue) and ast.unparse(one.value) in SPACES:
                parts.append(SPACES[ast.unparse(one.value)])
            elif isinstance(one, ast.FormattedValue):
                spec = ""
                if one.format_spec is not None:
                    assert isinstance(one.format_spec, ast.JoinedStr)
                    if not all(isinstance(item, ast.Constant) for item in one.format_spec.values):
                        raise CannotError("format with a value inside")
                    spec = "".join(str(item.value) for item in one.format_spec.values)  # type: ignore[attr-defined]
                parts.append(Slot(one.value, one.conversion, spec))
        return parts
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return parts_of(node.left) + parts_of(node.right)
    raise CannotError(f"not a literal: {ast.unparse(node)[:60]}")


class Unlang(ast.NodeTransformer):
    """`x.en` → `x`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.hit = False
        self.bad = False

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if node.attr == self.lang:
            self.hit = True
            return node.value
        self.generic_visit(node)
        return node


def neutral(node: ast.expr, lang: str) -> tuple[ast.expr, bool] | None:
    """The expression without its language, and whether it had one; None where that cannot be."""

    def ok(one: ast.expr) -> bool:
        """Whether `.lang` stands only where a text is the outcome."""
        if isinstance(one, ast.Attribute) and one.attr == lang:
            return not has(one.value)
        if isinstance(one, ast.IfExp):
            return not has(one.test) and ok(one.body) and ok(one.orelse)
        if isinstance(one, ast.BoolOp):
            return all(map(ok, one.values))
        return not has(one)

    def has(one: ast.expr) -> bool:
        return any(isinstance(item, ast.Attribute) and item.attr == lang for item in ast.walk(one))

    if not ok(node):
        return None
    changer = Unlang(lang)
    return changer.visit(ast.parse(ast.unparse(node), mode="eval").body), changer.hit


def join_of(node: ast.expr, lang: str) -> tuple[str, str] | None:
    """`", ".join(one.en for one in parts)` → what is joined, the separator."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(separator)), attr="join"),
            args=[ast.GeneratorExp(elt=elt, generators=[loop]) | ast.ListComp(elt=elt, generators=[loop])],
            keywords=[],
        ) if not loop.is_async:
            plain = neutral(elt, lang)
            if plain is None or not plain[1]:
                return None
            text = ast.unparse(plain[0])
            if text == ast.unparse(loop.target) and not loop.ifs:
                return ast.unparse(loop.iter), separator
            loops = "".join(f" if {ast.unparse(one)}" for one in loop.ifs)
            return f"({text} for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}{loops})", separator
    return None


def plain_join_of(node: ast.expr) -> tuple[str, str] | None:
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(separator)), attr="join"), args=[item], keywords=[]
        ):
            return ast.unparse(item), separator
    return None


@dataclass
class Test:
    """A fragment chosen by a number, or by a condition."""

    what: str  # the number or condition
    counts: bool
    zero_is_one: bool = False


def test_of(node: ast.expr) -> tuple[Test, bool] | None:
    """A test, and whether its truth is the singular."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=int(bound))]):
            match op, bound:
                case ast.Eq(), 1:
                    return Test(ast.unparse(left), True, False), True
                case ast.NotEq(), 1:
                    return Test(ast.unparse(left), True, False), False
                case (ast.Gt(), 1) | (ast.GtE(), 2):
                    return Test(ast.unparse(left), True, True), False
                case (ast.Lt(), 2) | (ast.LtE(), 1):
                    return Test(ast.unparse(left), True, True), True
    return None


def literal_parts(node: ast.expr) -> list[Any] | None:
    try:
        return parts_of(node)
    except CannotError:
        return None


def choice_of(node: ast.expr) -> tuple[Test, list[Any], list[Any]] | None:
    """`'' if n == 1 else 's'` → the test, what one says, what many say."""
    match node:
        case ast.IfExp(test=condition, body=body, orelse=orelse):
            yes, no = literal_parts(body), literal_parts(orelse)
            if yes is None or no is None:
                return None
            test = test_of(condition)
            if test is None:
                return Test(ast.unparse(condition), False), yes, no
            return (test[0], yes, no) if test[1] else (test[0], no, yes)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mult(), right=right):
            test = test_of(right)
            if test is not None:
                return (test[0], [text], [""]) if test[1] else (test[0], [""], [text])
        case ast.Call(func=ast.Name(id="_s"), args=[number], keywords=[]):
            return Test(ast.unparse(number), True, True), [""], ["s"]
    return None


def resolve(parts: list[Any]) -> tuple[list[tuple[Test, bool]], list[Any], list[Any]]:
    """The tests in a text, the text of one (or of a true condition), and the text of many."""
    tests, one, many = [], [], []
    for part in parts:
        choice = choice_of(part.node) if isinstance(part, Slot) else None
        if choice is None:
            one.append(part)
            many.append(part)
        else:
            tests.append((choice[0], True))
            one += choice[1]
            many += choice[2]
    return tests, one, many


GENERIC = {
    "name", "rid", "id", "code", "text", "value", "key", "title", "words", "message", "label", "kind", "path", "number",
    "shown", "noun", "file", "status", "en", "fr", "source", "target", "day", "date", "start", "end",
}  # fmt: skip
VAGUE = {
    "self",
    "one",
    "found",
    "item",
    "it",
    "other",
    "cls",
    "known",
    "wanted",
    "said",
    "own",
    "run",
    "session",
    "data",
}
WRAPPERS = {"str", "repr", "literal", "visible", "code", "quote", "shlex", "_shown", "shown", "as_text", "escape"}


def name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Attribute(value=base, attr=attr):
            if attr in ("name", "rid", "id", "words", "text", "value") and not isinstance(base, ast.Call):
                root = name_of(base)
                if root not in VAGUE and root:
                    return root
            return attr.strip("_").lower()
        case ast.Call(func=ast.Name(id="len"), args=[item]):
            return "count" if not isinstance(item, (ast.Name, ast.Attribute)) else name_of(item)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[item]):
            return name_of(item)
        case ast.GeneratorExp(generators=[loop, *_]) | ast.ListComp(generators=[loop, *_]):
            return name_of(loop.iter)
        case ast.Call(func=ast.Attribute(value=base, attr=attr), args=args):
            if attr in ("lower", "upper", "format", "isoformat", "strip", "rstrip", "replace", "as_posix", "partition"):
                return name_of(base)
            if attr in ("get", "pop") and args and isinstance(args[0], ast.Constant):
                return re.sub(r"\W+", "_", str(args[0].value)).strip("_").lower() or "value"
            if args:
                return name_of(args[0])
            return attr.strip("_").lower()
        case ast.Call(func=ast.Name(id=func), args=[first, *_]):
            inner = name_of(first)
            return inner if inner != "value" or func in WRAPPERS else func.strip("_").lower()
        case ast.Call(func=ast.Name(id=func)):
            return func.strip("_").lower()
        case ast.Subscript(value=base, slice=ast.Constant(value=str(text))):
            return re.sub(r"\W+", "_", text).strip("_").lower() or name_of(base)
        case ast.Subscript(value=base, slice=index):
            if isinstance(index, ast.Constant):
                name = name_of(base)
                return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
            return name_of(base) if isinstance(index, ast.Slice) else name_of(index)
        case ast.IfExp(body=body, orelse=orelse):
            return name_of(orelse if isinstance(body, ast.Constant) else body)
        case ast.BoolOp(values=[first, *_]) | ast.BinOp(left=first) | ast.UnaryOp(operand=first):
            return name_of(first)
        case ast.Starred(value=inner):
            return name_of(inner)
        case ast.Constant():
            return "value"
    return "value"


@dataclass
class Sentence:
    """A message planned: its call, without the context."""

    english: tuple[str, ...]  # one, or one and many
    french: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    n: str | None = None
    notes: list[str] = field(default_factory=list)
    entries: list[tuple[str, str]] = field(default_factory=list)  # of separators


@dataclass
class Plan:
    """What replaces a node."""

    start: tuple[int, int]
    end: tuple[int, int]
    width: int
    sentences: list[Sentence]
    condition: str | None = None
    bare: str | None = None  # a source text that needs no sentence
    wrap: str = "{}"  # around it
    function: str = "Message"
    extra: str = ""
    parens: bool = True


class Names:
    """The values of one call, each with its own name."""

    def __init__(self) -> None:
        self.by_source: dict[str, str] = {}

    def add(self, source: str, node: ast.expr, notes: list[str]) -> str:
        if source in self.by_source:
            return self.by_source[source]
        name = name_of(node)
        if not name.isidentifier() or name in ("n", "self", "lambda", "from", "class", "with", "is", "in", "of"):
            name = f"{name}_value" if name.isidentifier() else "value"
        taken = set(self.by_source.values())
        if name in taken and isinstance(node, ast.Attribute):
            name = f"{name_of(node.value)}_{node.attr.strip('_').lower()}"
        if name in taken and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = f"{name}_{node.func.id.strip('_').lower()}" if node.func.id != "len" else f"{name}_count"
        stem, at = name, 1
        while name in taken:
            at += 1
            name = f"{stem}{at}"
        if at > 1:
            notes.append(f"name {name} = {source}")
        self.by_source[source] = name
        return name


def brace(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def source_of(slot: Slot) -> str:
    if slot.spec:
        return f'f"{{{slot.source}:{slot.spec}}}"'
    if slot.conversion == 114:
        return f"repr({slot.source})"
    if slot.conversion != -1:
        raise CannotError("conversion")
    return slot.source


def make_sentence(
    english: list[Any], french: list[Any], counted: str | None, many: tuple[list[Any], list[Any]] | None
) -> Sentence:
    made = Sentence((), ())
    names = Names()
    texts_en = [english] + ([many[0]] if many else [])
    texts_fr = [french] + ([many[1]] if many else [])
    place: dict[tuple[str, str], str] = {}  # by language and source: the name

    def slots(texts: list[list[Any]]) -> list[Slot]:
        seen: dict[str, Slot] = {}
        for text in texts:
            for part in text:
                if isinstance(part, Slot):
                    seen.setdefault(source_of(part), part)
        return list(seen.values())

    left_en, left_fr = slots(texts_en), slots(texts_fr)
    sources_fr = {source_of(one) for one in left_fr}
    values: dict[str, str] = {}  # name → source

    def give(name: str, source: str) -> None:
        values[name] = source

    if counted is not None:
        for one in list(left_en + left_fr):
            if source_of(one) == counted:
                place["en", counted] = place["fr", counted] = "n"
    # The same expression on both sides.
    for one in list(left_en):
        source = source_of(one)
        if ("en", source) in place:
            left_en.remove(one)
            continue
        if source in sources_fr and not re.search(r"\.en\b", source):
            name = names.add(source, one.node, made.notes)
            place["en", source] = place["fr", source] = name
            give(name, source)
            left_en.remove(one)
            left_fr = [other for other in left_fr if source_of(other) != source]
    left_fr = [one for one in left_fr if ("fr", source_of(one)) not in place]
    # One text in two languages.
    plain_fr = {}
    for one in left_fr:
        plain = neutral(one.node, "fr")
        if plain is not None and plain[1] and not one.spec and one.conversion == -1:
            plain_fr[ast.unparse(plain[0])] = one
    for one in list(left_en):
        plain = neutral(one.node, "en")
        if plain is None or not plain[1] or one.spec or one.conversion != -1:
            continue
        bare = ast.unparse(plain[0])
        other = plain_fr.get(bare)
        if other is None and any(source_of(slot) == bare for slot in left_fr):
            continue
        name = names.add(bare, plain[0], made.notes)
        place["en", source_of(one)] = name
        give(name, bare)
        left_en.remove(one)
        if other is not None:
            place["fr", source_of(other)] = name
            left_fr.remove(other)
    for bare, one in plain_fr.items():
        if one in left_fr:
            name = names.add(bare, ast.parse(bare, mode="eval").body, made.notes)
            if name in values and values[name] != bare:
                raise CannotError("names")
            place["fr", source_of(one)] = name
            give(name, bare)
            left_fr.remove(one)
    # Joined.
    for one in list(left_en):
        for other in list(left_fr):
            pair = join_of(one.node, "en"), join_of(other.node, "fr")
            if None in pair:
                pair = plain_join_of(one.node), plain_join_of(other.node)
            if pair[0] is not None and pair[1] is not None and pair[0][0] == pair[1][0]:
                between = pair[0][1], pair[1][1]
                name = names.add(source_of(one), one.node, made.notes)
                between_source = quoted(between[0]) if between[0] == between[1] else f"§Message({quoted(between[0])})"
                if between[0] != between[1]:
                    made.entries.append(between)
                give(
                    name,
                    f"§joined({pair[0][0]}, {between_source})"
                    if between[0] != ", " or between[1] != ", "
                    else f"§joined({pair[0][0]})",
                )
                place["en", source_of(one)] = place["fr", source_of(other)] = name
                left_en.remove(one)
                left_fr.remove(other)
                break
            decimal = re.fullmatch(r"(.+)\.replace\('\.', ','\)", source_of(other))
            if decimal and decimal[1] == source_of(one):
                name = names.add(source_of(one), one.node, made.notes)
                give(name, f"§number({decimal[1]})")
                place["en", source_of(one)] = place["fr", source_of(other)] = name
                left_en.remove(one)
                left_fr.remove(other)
                break
    # Left: by guessing.
    if len(left_en) == len(left_fr) == 1:
        one, other = left_en[0], left_fr[0]
        name = name_of(one.node).removesuffix("_en")
        if name in ("en", "fr", "value") or name in values or not name.isidentifier():
            name = "detail"
        if name in values:
            raise CannotError("pair of a name that is taken")
        made.notes.append(f"pair {name} = {source_of(one)} | {source_of(other)}")
        give(name, f"§Words({source_of(one)}, {source_of(other)})")
        place["en", source_of(one)] = place["fr", source_of(other)] = name
        left_en, left_fr = [], []
    elif not left_fr:
        for one in left_en:
            if re.search(r"\.(en|fr)\b", source_of(one)):
                raise CannotError(f"only English: {source_of(one)}")
            name = names.add(source_of(one), one.node, made.notes)
            place["en", source_of(one)] = name
            give(name, source_of(one))
            made.notes.append(f"only English {name} = {source_of(one)}")
        left_en = []
    if left_en or left_fr:
        raise CannotError(
            f"values differ: {[source_of(one) for one in left_en]} | {[source_of(one) for one in left_fr]}"
        )

    filled = bool(values) or counted is not None

    def template(text: list[Any], lang: str) -> str:
        return "".join(
            (brace(part) if filled else part) if isinstance(part, str) else f"{{{place[lang, source_of(part)]}}}"
            for part in text
        )

    made.english = tuple(template(text, "en") for text in texts_en)
    made.french = tuple(template(text, "fr") for text in texts_fr)
    places = {name: made.english[0].find(f"{{{name}}}") for name in values}
    made.values = dict(sorted(values.items(), key=lambda one: (places[one[0]] < 0, places[one[0]])))
    made.n = counted
    return made


def plan_text(english: ast.expr, french: ast.expr) -> tuple[list[Sentence], str | None]:
    """The sentences of a pair of texts, and the condition between the two if there is one."""
    en, fr = parts_of(english), parts_of(french)
    tests_en, one_en, many_en = resolve(en)
    tests_fr, one_fr, many_fr = resolve(fr)
    tests = [test for test, _ in (*tests_en, *tests_fr)]
    if not tests:
        return [make_sentence(en, fr, None, None)], None
    if len({(test.what, test.counts) for test in tests}) > 1:
        raise CannotError(f"several conditions: {sorted({test.what for test in tests})}")
    what, counts = tests[0].what, tests[0].counts
    if not counts:
        return [make_sentence(one_en, one_fr, None, None), make_sentence(many_en, many_fr, None, None)], what
    made = make_sentence(one_en, one_fr, what, (many_en, many_fr))
    zeros = [("en", test) for test, _ in tests_en if test.zero_is_one] + [
        ("fr", test) for test, _ in tests_fr if not test.zero_is_one
    ]
    made.notes += [f"zero ({lang}): {test.what}" for lang, test in zeros[:1]]
    return [made], None


def quoted(text: str) -> str:
    mark = "'" if '"' in text and "'" not in text else '"'
    out = ""
    for char in text:
        if char in ("\\", mark):
            out += "\\" + char
        elif char == "\n":
            out += "\\n"
        elif char == "\t":
            out += "\\t"
        elif not char.isprintable() or (char.isspace() and char != " "):
            out += f"\\x{ord(char):02x}" if ord(char) < 0x80 else f"\\u{ord(char):04x}"
        else:
            out += char
    return mark + out + mark


def pieces(text: str, width: int) -> str:
    """A string literal, in several where it is wider."""
    whole = quoted(text)
    if len(whole) <= width:
        return whole
    words = re.findall(r"\S+\s*|\s+", text)
    lines, line = [], ""
    for word in words:
        if line and len(quoted(line + word)) > width:
            lines.append(line)
            line = ""
        line += word
    return "\n".join(map(quoted, [*lines, line]))


class File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        self.read()

    def read(self) -> None:
        self.text = self.path.read_text("utf-8")
        self.tree = ast.parse(self.text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.lines = self.text.splitlines(keepends=True)

    def offset(self, line: int, column: int) -> int:
        before = sum(len(one) for one in self.lines[: line - 1])
        return before + len(self.lines[line - 1].encode()[:column].decode())

    def bound(self) -> set[str]:
        """Names that the module binds itself, anywhere."""
        out: set[str] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                    out.add(name)
                case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    out.add(name)
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    out.add(name)
                case ast.ImportFrom(module=module, names=names) if module != "smartreg.core.messages":
                    out |= {one.asname or one.name for one in names}
        return out

    def width(self, node: ast.expr) -> int:
        first = node.lineno
        line = self.lines[first - 1]
        indent = len(line) - len(line.lstrip())
        depth, here = 0, node
        while here in self.parents and not isinstance(here, ast.stmt):
            here = self.parents[here]  # type: ignore[assignment]
            if (
                isinstance(here, (ast.Call, ast.Dict, ast.Tuple, ast.List, ast.IfExp, ast.Set, ast.Subscript))
                and here.lineno == first
            ):
                depth += 1
        return 120 - indent - 4 * (depth + 1) - 2


def pair_of(node: ast.AST) -> tuple[str, ast.expr, ast.expr, str, str] | None:
    """English and French of a node that says a sentence in both; how its outcome is called, and what is wrapped."""
    match node:
        case ast.Call(func=ast.Name(id="Words"), args=args, keywords=words):
            named = {word.arg: word.value for word in words}
            texts = [*args, *(named[key] for key in ("en", "fr") if key in named)]
            if len(texts) == 2 and not any(isinstance(one, ast.Starred) for one in texts):
                return "Message", texts[0], texts[1], "{}", ""
        case ast.Call(func=ast.Name(id="t"), args=[en, fr, *more], keywords=words):
            extra = "".join(f", choices={ast.unparse(one)}" for one in more)
            extra += "".join(f", {word.arg}={ast.unparse(word.value)}" for word in words)
            return "t", en, fr, "{}", extra
        case ast.Subscript(
            value=ast.Dict(keys=[ast.Constant(value="en"), ast.Constant(value="fr")], values=[en, fr]), slice=lang
        ) if literal_parts(en) is not None and literal_parts(fr) is not None:
            return "Message", en, fr, f"{{}}.in_({ast.unparse(lang)})", ""
        case ast.IfExp(
            test=ast.Compare(left=lang, ops=[ast.Eq()], comparators=[ast.Constant(value="en" | "fr" as which)]),
            body=yes,
            orelse=no,
        ) if isinstance(yes, (ast.Constant, ast.JoinedStr)) and isinstance(no, (ast.Constant, ast.JoinedStr)):
            if literal_parts(yes) is None or literal_parts(no) is None:
                return None
            en, fr = (yes, no) if which == "en" else (no, yes)
            return "Message", en, fr, f"{{}}.in_({ast.unparse(lang)})", ""
    return None


def filled_of(node: ast.AST) -> tuple[ast.expr, str, str, dict[str, str]] | None:
    """`Words("… {n} …", "… {n} …").fill(n=…)` → the inner call, English, French, values."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(
                    func=ast.Name(id="Words"),
                    args=[ast.Constant(value=str(en)), ast.Constant(value=str(fr))],
                    keywords=[],
                ) as inner,
                attr="fill",
            ),
            args=[],
            keywords=words,
        ) if all(word.arg for word in words):
            return inner, en, fr, {str(word.arg): ast.unparse(word.value) for word in words}
    return None


def without_names(parts: list[Any]) -> str:
    return "".join(part if isinstance(part, str) else "\0" for part in parts)


def bare_of(function: str, english: ast.expr, french: ast.expr) -> str | None:
    """A replacement that needs no translation."""
    en, fr = ast.unparse(english), ast.unparse(french)
    if function == "t" and en.endswith(".en") and fr == en.removesuffix(".en") + ".fr":
        return f"t({en.removesuffix('.en')})"
    if function != "Message":
        return None
    if en == fr:
        if literal_parts(english) is None:
            return None if re.search(r"\.(en|fr)\b", en) else f"§verbatim({en})"
        text = without_names(parts_of(english))
        if re.search(r"\.(en|fr)\b", en):
            return None
        if COMMAND.match(text) or not re.search("[a-zA-Z]{2}", text):
            source = (
                quoted(english.value) if isinstance(english, ast.Constant) and isinstance(english.value, str) else en
            )
            return f"§verbatim({source})"
        return None
    joins = join_of(english, "en"), join_of(french, "fr")
    if joins[0] and joins[1] and joins[0][0] == joins[1][0]:
        between = joins[0][1], joins[1][1]
        if between[0] == between[1]:
            return f"§joined({joins[0][0]})" if between[0] == ", " else f"§joined({joins[0][0]}, {quoted(between[0])})"
    if fr == f"{en}.replace('.', ',')":
        return f"§number({en})"
    return None


REPORT: list[str] = []


def plans_of(file: File) -> list[Plan]:
    found: list[tuple[ast.expr, Plan]] = []
    fills = {id(one[0]) for node in ast.walk(file.tree) if (one := filled_of(node))}
    for node in ast.walk(file.tree):
        pair = pair_of(node)
        whole = filled_of(node)
        if whole is not None:
            assert isinstance(node, ast.expr)
            made_of, en, fr, values = whole
            if any(pair_of(one) is not None and one is not made_of for one in ast.walk(node)):
                REPORT.append(f"{file.name}:{node.lineno}: left: one in another")
                continue
            place, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
            made = Sentence((en,), (fr,), values)
            if en == fr and not re.search("[a-zA-Z]{2}", re.sub(r"\{\w+\}", "", en)):
                made.notes.append("only values")
            REPORT.extend(f"{file.name}:{node.lineno}: {note}" for note in made.notes)
            found.append((node, Plan(place, end, file.width(node), [made])))
            continue
        if id(node) in fills:
            continue
        if pair is None:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Words":
                REPORT.append(f"{file.name}:{node.lineno}: left: {ast.unparse(node)[:100]}")
            continue
        assert isinstance(node, ast.expr)
        function, english, french, wrap, extra = pair
        above = file.parents.get(node)
        plan = Plan(
            (node.lineno, node.col_offset),
            (node.end_lineno or 0, node.end_col_offset or 0),
            file.width(node),
            [],
            wrap=wrap,
            function=function,
            extra=extra,
            parens=isinstance(
                above, (ast.BinOp, ast.BoolOp, ast.Attribute, ast.IfExp, ast.Compare, ast.Starred, ast.Subscript)
            ),
        )
        inner = [one for one in ast.walk(node) if one is not node and pair_of(one) is not None]
        if any(not isinstance(one, ast.Call) or ast.unparse(one) in ast.unparse(node) for one in inner):
            inside = any(isinstance(file.parents.get(one), ast.FormattedValue) for one in inner)
            REPORT.append(f"{file.name}:{node.lineno}: left: one in another ({inside})")
            continue
        up: ast.AST | None = node
        while up is not None and not isinstance(up, ast.stmt):
            if isinstance(up, ast.JoinedStr):
                break
            up = file.parents.get(up)
        if isinstance(up, ast.JoinedStr):
            REPORT.append(f"{file.name}:{node.lineno}: left: inside an f-string: {ast.unparse(node)[:80]}")
            continue
        try:
            plan.bare = bare_of(function, english, french)
            if plan.bare is None:
                joins = join_of(english, "en"), join_of(french, "fr")
                if joins[0] and joins[1] and joins[0][0] == joins[1][0] and function == "Message":
                    made = Sentence((), ())
                    made.entries.append((joins[0][1], joins[1][1]))
                    plan.sentences = [made]
                    plan.bare = f"§joined({joins[0][0]}, §Message({quoted(joins[0][1])}))"
                else:
                    plan.sentences, plan.condition = plan_text(english, french)
        except CannotError as why:
            REPORT.append(f"{file.name}:{node.lineno}: left: {why}: {ast.unparse(node)[:140]}")
            continue
        for sentence in plan.sentences:
            REPORT.extend(f"{file.name}:{node.lineno}: {note}" for note in sentence.notes)
        found.append((node, plan))
    return [plan for _node, plan in found]


Key = tuple[str, ...]


class Catalogue:
    def __init__(self) -> None:
        self.known: dict[tuple[str, Key], tuple[str, ...]] = {}  # by context and English
        self.by_first: dict[tuple[str, str], Key] = {}
        self.added: dict[tuple[str, Key], str] = {}
        if PO.exists():
            for entry in read_catalogue(PO.read_text("utf-8")):
                if not any(entry.texts):
                    continue
                key = (entry.one,) if entry.many is None else (entry.one, entry.many)
                self.known[entry.context or "", key] = entry.texts
                self.by_first[entry.context or "", entry.one] = key

    def add(self, english: Key, french: tuple[str, ...], file: str) -> str:
        """The context under which this pair stands, made if need be."""
        contexts = [context for (context, key) in self.index.get(english, ())]
        for context in contexts:
            if self.known[context, english] == french:
                return context
        stem = Path(file).stem.strip("_").replace("_", " ")
        names = ["", stem, f"{Path(file).parent.name} {stem}", *(f"{stem} {at}" for at in range(2, 20))]
        context = next(name for name in names if (name, english[0]) not in self.by_first)
        self.known[context, english] = french
        self.by_first[context, english[0]] = english
        self.index.setdefault(english, []).append((context, english))
        self.added[context, english] = file
        if context:
            REPORT.append(f"{file}: context {context!r}: {english[0]!r} → {french[0]!r}")
        return context

    def prepare(self, wishes: Counter[tuple[Key, tuple[str, ...]]], files: dict[Any, str]) -> None:
        """Take the commonest translation of each sentence without a context."""
        self.index: dict[Key, list[tuple[str, Key]]] = defaultdict(list)
        for context, key in self.known:
            self.index[key].append((context, key))
        for (english, french), _number in sorted(wishes.items(), key=lambda one: -one[1]):
            self.add(english, french, files[english, french])

    def write(self) -> None:
        text = PO.read_text("utf-8") if PO.exists() else HEADER
        text = "\n\n".join(
            block for block in text.split("\n\n") if any(any(one.texts) for one in read_catalogue(block))
        )
        blocks = []
        for (context, english), file in sorted(self.added.items(), key=lambda one: one[1]):
            french = self.known[context, english]
            lines = [f"#: {file}"]
            if re.search(r"\{[a-z_0-9]+\}", english[0]):
                lines.append("#, python-brace-format")
            if context:
                lines.append(f"msgctxt {po_quoted(context)}")
            lines.append(f"msgid {po_quoted(english[0])}")
            if len(english) == 1:
                lines.append(f"msgstr {po_quoted(french[0])}")
            else:
                lines.append(f"msgid_plural {po_quoted(english[1])}")
                lines += [f"msgstr[{at}] {po_quoted(one)}" for at, one in enumerate(french)]
            blocks.append("\n".join(lines) + "\n")
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_text(text.rstrip("\n") + "\n\n" + "\n".join(blocks), "utf-8")


def po_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r")
    lines = escaped.split("\n")
    if len(lines) == 1:
        return f'"{escaped}"'
    rows = [f'"{line}\\n"' for line in lines[:-1]] + ([f'"{lines[-1]}"'] if lines[-1] else [])
    return "\n".join(['""', *rows])


def written(plan: Plan, catalogue: Catalogue, file: File) -> str:
    def call(sentence: Sentence) -> str:
        context = catalogue.add(sentence.english, sentence.french, file.name)
        function = plan.function
        arguments = []
        if len(sentence.english) == 2:
            if function == "t":
                raise CannotError("plural help")
            function = "plural_in" if context else "plural"
        elif context:
            function = "message_in" if function == "Message" else "t_in"
        if context:
            arguments.append(quoted(context))
        arguments += [pieces(one, plan.width) for one in sentence.english]
        if sentence.n is not None:
            arguments.append("n=n" if sentence.n == "n" else f"n={sentence.n}")
        arguments += [f"{name}={source}" for name, source in sentence.values.items()]
        return f"§{function}({', '.join(arguments)}{plan.extra})"

    for sentence in plan.sentences:
        for english, french in sentence.entries:
            context = catalogue.add((english,), (french,), file.name)
            if context:
                REPORT.append(f"{file.name}:{plan.start[0]}: separator {english!r} has context {context!r}")
    if plan.bare is not None:
        return plan.wrap.format(plan.bare) if plan.wrap == "{}" else plan.wrap.replace("{}", plan.bare)
    if plan.condition is not None:
        first, second = map(call, plan.sentences)
        text = f"{first} if {plan.condition} else {second}"
        if plan.parens or plan.wrap != "{}":
            text = f"({text})"
    else:
        text = call(plan.sentences[0])
    return plan.wrap.replace("{}", text)


def change(file: File, plans: list[Plan], catalogue: Catalogue) -> None:
    used: set[str] = set()
    edits = []
    for plan in plans:
        try:
            edits.append((file.offset(*plan.start), file.offset(*plan.end), written(plan, catalogue, file)))
        except CannotError as why:
            REPORT.append(f"{file.name}:{plan.start[0]}: left: {why}")
    bound = file.bound()
    # Names of types.
    calls = {id(node.func) for node in ast.walk(file.tree) if isinstance(node, ast.Call)}
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Name) and node.id == "Words" and id(node) not in calls:
            start = file.offset(node.lineno, node.col_offset)
            if not any(begin <= start < end for begin, end, _ in edits):
                edits.append((start, start + 5, "§Text"))
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"Words( \| None)?", node.value)
        ):
            REPORT.append(f"{file.name}:{node.lineno}: a quoted type")
    text = file.text
    aside: set[str] = set()
    for begin, end, new in list(edits):
        rest = text.find("\n", end)
        tail = text[end:rest]
        if "# fmt: skip" in tail and "§" in new:
            at = text.index("# fmt: skip", end)
            if (at, at + 11, "") not in edits:
                edits.append((at, at + 11, ""))
        del begin

    def settle(found: re.Match[str]) -> str:
        name = found[1]
        if name in bound and name not in ("Words", "t"):
            aside.add(name)
            return f"messages.{name}"
        used.add(name)
        return name

    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + re.sub(r"§(\w+)", settle, new) + text[end:]
    # Imports.
    if not edits and not re.search(r"from smartreg\.core\.values import", text):
        return
    for name in aside:
        REPORT.append(f"{file.name}: {name} is bound here too")
    tree = ast.parse(text)
    file.text = text
    file.lines = text.splitlines(keepends=True)
    edits = []
    taken: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "smartreg.core.values":
            kept = [one for one in node.names if one.name not in MOVED]
            taken |= {one.name for one in node.names if one.name in MOVED and one.asname is None}
            if len(kept) != len(node.names):
                indent = " " * node.col_offset
                names = ", ".join(one.name if one.asname is None else f"{one.name} as {one.asname}" for one in kept)
                new = f"from smartreg.core.values import {names}" if kept else ""
                moved = sorted({one.name for one in node.names if one.name in MOVED})
                new += (f"\n{indent}" if new else "") + f"from smartreg.core.messages import {', '.join(moved)}"
                edits.append(
                    (
                        file.offset(node.lineno, node.col_offset),
                        file.offset(node.end_lineno or 0, node.end_col_offset or 0),
                        new,
                    )
                )
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    if not any(isinstance(node, ast.Name) and node.id == "Words" for node in ast.walk(ast.parse(text))) and (
        '"Words"' not in text
    ):
        text = re.sub(r"(?m)^( *from smartreg\.core\.messages import .*?),? ?\bWords\b(, )?", r"\1", text)
        text = re.sub(r"(?m)^ *from smartreg\.core\.messages import *$\n?", "", text)
        text = re.sub(r"(from smartreg\.core\.messages import), ", r"\1 ", text)
        text = re.sub(r"(?m)^( *from smartreg\.core\.messages import .*?),$", r"\1", text)
    needed = sorted(used & NAMES)
    lines = []
    if needed:
        lines.append(f"from smartreg.core.messages import {', '.join(needed)}")
    if aside:
        lines.append("from smartreg.core import messages")
    if "t_in" in used:
        lines.append("from smartreg.cli.options import t_in")
    if lines:
        tree = ast.parse(text)
        after = next(
            (
                node
                for node in tree.body
                if isinstance(node, (ast.Import, ast.ImportFrom)) and getattr(node, "module", "") != "__future__"
            ),
            None,
        )
        rows = text.splitlines(keepends=True)
        at = after.lineno - 1 if after is not None else 0
        rows.insert(at, "\n".join(lines) + "\n")
        text = "".join(rows)
    file.path.write_text(text, "utf-8")


def main() -> None:
    paths = [Path(one).resolve() for one in sys.argv[1:]] or [ROOT / "smartreg"]
    files = [
        File(path)
        for given in paths
        for path in (sorted(given.rglob("*.py")) if given.is_dir() else [given])
        if path.relative_to(ROOT / "smartreg").as_posix() not in SKIPPED
    ]
    notes: list[str] = []
    for _round in range(4):  # a sentence within another is done before it
        notes += [line for line in REPORT if ": left: " not in line]
        REPORT.clear()
        catalogue = Catalogue()
        plans = [(file, plans_of(file)) for file in files]
        wishes: Counter[Any] = Counter()
        where: dict[Any, str] = {}
        for file, items in plans:
            for plan in items:
                for sentence in plan.sentences:
                    pairs = [((en,), (fr,)) for en, fr in sentence.entries]
                    pairs += [(sentence.english, sentence.french)] if sentence.english else []  # type: ignore[list-item]
                    for pair in pairs:
                        wishes[pair] += 1
                        where.setdefault(pair, file.name)
        catalogue.prepare(wishes, where)
        for file, items in plans:
            change(file, items, catalogue)
        catalogue.write()
        number = sum(len(items) for _file, items in plans)
        print(number, "converted", file=sys.stderr)
        if not number:
            break
        for file in files:
            file.read()
    changed = [str(file.path) for file in files]
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--select", "I,F401", "--fix", *changed], check=False)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *changed], check=True)
    print("\n".join(sorted({*notes, *REPORT})))


if __name__ == "__main__":
    main()
