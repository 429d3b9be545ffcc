"""Drawing of pictures in black and white by matplotlib and networkx, reproducibly and with a text alternative.

`model` determines the content. Certainty is drawn as the style of a line or the fill of a mark, a denial as a cross,
and the kind of a tie as the head of its arrow and the letter of its key.
"""

from __future__ import annotations

import importlib
import math
import re
import textwrap
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from triplomacy.claims import Period
from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.pictures import model
from triplomacy.pictures.model import UNNAMED, Bar, Matrix, Network, Picture, Shown, Tie, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

FORMATS: Final = ("svg", "png", "text")
MOST: Final = 120  # drawn at most: ties, rows, columns or bars; the text alternative has all of them

# The width of a line in points and its dashes, by the level of the claims.
LINES: Final[dict[str, tuple[float, Any]]] = {
    "certain": (1.8, "solid"),
    "probable": (1.8, (0, (9, 3))),
    "possible": (1.4, (0, (5, 3))),
    "improbable": (1.4, (0, (1, 2))),
    "conditional": (1.4, (0, (7, 2, 1, 2))),
    "unstated": (1.0, (0, (7, 2, 1, 2, 1, 2))),
    "open": (0.8, (0, (3, 5))),
    "denied": (0.8, (0, (1, 5))),
}
_LEVEL_WORDS: Final = {
    "conditional": "under a condition",
    "unstated": "certainty not stated",
    "open": "left open",
    "denied": "only denied",
}
HEADS: Final = {"recognition": "-|>", "sanction": "-|>", "alignment": "-"}
_FONT: Final = 9.0
_GREY: Final = "0.35"
_SETTINGS: Final = {
    "font.family": "DejaVu Sans",
    "font.size": _FONT,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "triplomacy",
    "text.parse_math": False,
    "text.usetex": False,
    "path.simplify": False,
}


def draw(picture: Picture, form: str) -> bytes:
    """Return a picture in SVG, PNG or as text; errors as `render`."""
    return render(picture, form, lambda dpi: _figure(picture, dpi))


def render(picture: Shown, form: str, drawn: Callable[[int], Figure]) -> bytes:
    """Return a picture in SVG, PNG or as text in UTF-8; the same bytes for the same picture.

    Args:
        picture: the content.
        form: one of `FORMATS`.
        drawn: returns the figure, made by `canvas`, for a number of dots per inch.

    Raises:
        EngineUnavailable: matplotlib or networkx is not installed.
        TriplomacyError: there is no such format.
    """
    if form not in FORMATS:
        raise TriplomacyError(f"no such format of a picture: {form}; write {', '.join(FORMATS)}")
    if form == "text":
        return model.words(picture).encode()
    with _settings():
        figure = drawn(72 if form == "svg" else 150)
        target = BytesIO()
        if form == "png":
            metadata = {"Software": None, "Title": picture.title, "Description": model.words(picture)}
            figure.savefig(target, format="png", metadata=metadata)
            return target.getvalue()
        none = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(target, format="svg", metadata=none)
    return _with_description(target.getvalue().decode(), picture).encode()


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        library = name.partition(".")[0]
        raise EngineUnavailable(f"{library} is not installed; install triplomacy[plot]") from None


@contextmanager
def _settings() -> Iterator[None]:
    """Use our settings of matplotlib in the block, not the user's; characters missing in the font become boxes."""
    matplotlib = _library("matplotlib")
    with warnings.catch_warnings(), matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _with_description(svg: str, picture: Shown) -> str:
    """Return the SVG with a title, and with the whole text alternative as its description."""
    name = picture.name
    title, description = escape(picture.title), escape(model.words(picture))
    role = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    head = f'<title id="{name}-title">{title}</title>\n <desc id="{name}-desc">{description}</desc>\n '
    match = re.search(r"<svg\b[^>]*>\s*", svg)
    assert match
    return f"{svg[: match.start()]}<svg {role} {match[0].rstrip()[5:]}\n {head}{svg[match.end() :]}"


def _figure(picture: Picture, dpi: int) -> Figure:
    if isinstance(picture, Network):
        return _network(picture, dpi)
    return _matrix(picture, dpi) if isinstance(picture, Matrix) else _timeline(picture, dpi)


def canvas(width: float, height: float, dpi: int, picture: Shown, more: str = "") -> Figure:
    """Return a figure of a size in inches with only title and caption; *more* is a further line of caption."""
    figure: Figure = _library("matplotlib.figure").Figure(figsize=(width, height), dpi=dpi)
    figure.text(0.15 / width, 1 - 0.12 / height, picture.title, size=13, weight="bold", va="top")
    lines = [*picture.caption, *([more] if more else [])]
    if not picture.lines():
        lines.append("There is nothing to draw.")
    figure.text(0.15 / width, 1 - 0.42 / height, "\n".join(lines), va="top", linespacing=1.4)
    return figure


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Return axes without lines, with position, size and units in inches; the position is from the bottom left."""
    all_width, all_height = figure.get_size_inches()
    axes = figure.add_axes((left / all_width, bottom / all_height, width / all_width, height / all_height))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return axes


def _cut(drawn: int, all_: int) -> str:
    return f"Drawn are the first {drawn} of {all_}; the text alternative has them all." if drawn < all_ else ""


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _wrap(text: str, width: int, indent: int = 0, lines: int = 6) -> list[str]:
    """Return the lines of a text, shortened to a number of *lines*; the text alternative is complete."""
    return textwrap.wrap(_short(text, lines * (width - indent)), width, subsequent_indent=" " * indent)[:lines] or [""]


# The network


def _network(picture: Network, dpi: int) -> Figure:
    ties = picture.ties[:MOST]
    key = [line for tie in ties for line in _wrap(_key_line(tie), 108, 6)]
    nodes, edges = _graph(ties)
    side = min(max(7.2, 0.5 * len(nodes)), 40.0) if ties else 4.0
    height = max(side, 0.165 * len(key) + 0.3) if ties else 0.1
    figure = canvas(side * 1.2 + 7.2, height + 2.5, dpi, picture, _cut(len(ties), len(picture.ties)))
    tall = min(height, side * 1.3)
    axes = _axes(figure, 0.2, 1.5 + height - tall, side * 1.2, tall)
    boxes = _nodes(figure, axes, _places(nodes, edges, side * 1.2, tall), picture.actors)
    _edges(axes, edges, boxes)
    if ties:
        words = _axes(figure, side * 1.2 + 0.4, 1.5, 6.7, height)
        words.text(0, height - 0.05, "\n".join(key), va="top", size=8, linespacing=1.35)
        _network_legend(_axes(figure, 0.2, 0.1, 13.5, 1.3))
    return figure


def _key_line(tie: Tie) -> str:
    mark = f" [{tie.subject.mark}]" if tie.subject.mark else ""
    return f"{tie.key}{mark}  {tie.subject.label}. {tie.subject.words()}"


_FEW: Final = 40  # nodes; with more, edges may cross other nodes
_TURNS: Final = 6  # rotations of the outer ring that are tried
_Place = tuple[float, float]
_Edge = tuple[str, str, Tie, bool]  # from, to, the tie, whether it is labelled with the key


def _graph(ties: Sequence[Tie]) -> tuple[list[str], list[_Edge]]:
    """Return the nodes, sorted, and the edges of ties."""
    edges = [(start, end, tie, not tie.has_hub) for tie in ties for start, end in tie.edges()]
    return sorted({node for start, end, *_ in edges for node in (start, end)}), edges


def _places(nodes: list[str], edges: Sequence[_Edge], width: float, height: float) -> dict[str, _Place]:
    """Return the position of each node in inches; those with over two neighbours are on an inner ring."""
    networkx = _library("networkx")
    if not nodes:
        return {}
    graph = networkx.MultiGraph((start, end) for start, end, *_ in edges)
    inner = [node for node in nodes if len(graph[node]) > 2] if len(nodes) > 4 else []
    rings = [ring for ring in (inner, [node for node in nodes if node not in inner]) if ring]
    radii = (0.45, 1.0) if len(rings) == 2 else (1.0,)
    pairs = sorted({(start, end) for start, end in graph.edges(keys=False)})
    bundles = {pair: graph.number_of_edges(*pair) for pair in pairs}
    tried = []
    for turn in range(_TURNS if len(nodes) <= _FEW else 1):
        at: dict[str, _Place] = {}
        for ring, radius in zip(rings, radii, strict=True):
            turned = ring if ring is inner else ring[turn:] + ring[:turn]
            around = networkx.circular_layout(turned, scale=radius if len(ring) > 1 else 0)
            at |= {node: (float(x), float(y)) for node, (x, y) in around.items()}
        _untangle(at, rings, bundles)
        tried.append(at)
    at = min(tried, key=lambda places: _tangle(places, bundles))
    room = ((width - 2.0) / 2, (height - 0.8) / 2)
    return {
        node: (round(width / 2 + x * room[0], 3), round(height / 2 + y * room[1], 3)) for node, (x, y) in at.items()
    }


def _untangle(at: dict[str, _Place], rings: Sequence[list[str]], edges: dict[tuple[str, str], int]) -> None:
    """Swap nodes of a ring while that reduces the cost of `_tangle`."""
    for _ in range(12):
        former = before = _tangle(at, edges)
        for one, other in (pair for ring in rings for pair in combinations(ring, 2)):
            at[one], at[other] = at[other], at[one]
            now = _tangle(at, edges)
            if now < former - 1e-9:
                former = now
            else:
                at[one], at[other] = at[other], at[one]
        if former == before or len(at) > _FEW:
            return


def _tangle(at: dict[str, _Place], edges: dict[tuple[str, str], int]) -> float:
    """Return the cost of a layout: the length of all edges, plus 1 for each node that an edge nearly crosses."""
    total = 0.0
    flat = {node: (x / 1.6, y) for node, (x, y) in at.items()} if len(at) <= _FEW else {}
    for (start, end), together in edges.items():
        total += math.dist(at[start], at[end])
        if flat:
            total += together * _crossings(flat, start, end, 0.08 + 0.06 * together)
    return total


def _crossings(at: dict[str, _Place], start: str, end: str, room: float) -> int:
    """Return the number of other nodes at a distance below *room* from the line segment between two nodes."""
    (x1, y1), (x2, y2) = at[start], at[end]
    across, up = x2 - x1, y2 - y1
    square = across**2 + up**2 or 1.0
    passed = 0
    for node, (x, y) in at.items():
        share = ((x - x1) * across + (y - y1) * up) / square
        share = 0.0 if share < 0.0 else min(share, 1.0)
        if math.hypot(x - x1 - share * across, y - y1 - share * up) < room and node not in (start, end):
            passed += 1
    return passed


def _nodes(figure: Figure, axes: Axes, places: dict[str, _Place], actors: frozenset[str]) -> dict[str, Text]:
    """Draw the nodes, actors as white boxes and recognised things as rounded grey ones; return their texts by label."""
    texts = {}
    for node, (x, y) in places.items():
        hub = bool(re.fullmatch(r"A[0-9]+", node))
        shape = "circle,pad=0.3" if hub else "square,pad=0.35" if node in actors else "round,pad=0.35,rounding_size=0.8"
        box = {"boxstyle": shape, "facecolor": "white" if node in actors or hub else "0.9", "edgecolor": "black"}
        box["linestyle"] = "dotted" if node == UNNAMED else "solid"
        label = "\n".join(_wrap(node, 18, lines=4))
        weight = "normal" if hub else "bold"
        texts[node] = axes.text(x, y, label, ha="center", va="center", size=8.5, bbox=box, weight=weight, zorder=5)
    figure.draw_without_rendering()  # determines the sizes of the boxes, where arrows end
    return texts


def _edges(axes: Axes, edges: Sequence[_Edge], boxes: dict[str, Text]) -> None:
    between: dict[frozenset[str], list[_Edge]] = defaultdict(list)
    for edge in edges:
        between[frozenset(edge[:2])].append(edge)
    places = {node: text.get_position() for node, text in boxes.items()}
    taken: list[_Place] = list(places.values())
    for together in between.values():
        for number, (start, end, tie, keyed) in enumerate(together):
            bend = 0.22 * (number - (len(together) - 1) / 2)
            bend = bend if start <= end else -bend
            if len(together) == 1:
                bend = _around(
                    places[start], places[end], [at for node, at in places.items() if node not in (start, end)]
                )
            _edge(axes, boxes[start], boxes[end], tie, bend)
            if keyed or tie.subject.mark:
                place = _free(places[start], places[end], bend, taken)
                taken.append(place)
                _key(axes, place, tie)


def _around(start: _Place, end: _Place, others: Sequence[_Place]) -> float:
    """Return the least bend of an arc that crosses no other node, or 0 if there is no such arc."""

    def meets(bend: float) -> bool:
        points = [_on_curve(start, end, bend, step / 24) for step in range(1, 24)]
        return any(abs(x - px) < 0.85 and abs(y - py) < 0.35 for x, y in others for px, py in points)

    return next((bend for bend in (0.0, 0.15, -0.15, 0.3, -0.3, 0.45, -0.45) if not meets(bend)), 0.0)


def _edge(axes: Axes, start: Text, end: Text, tie: Tie, bend: float) -> None:
    width, dashes = LINES[tie.subject.level]
    arrow = {
        "arrowstyle": HEADS[tie.kind],
        "connectionstyle": f"arc3,rad={bend:.3f}",
        "linestyle": dashes,
        "linewidth": width,
        "mutation_scale": 14,
        "patchA": start.get_bbox_patch(),
        "patchB": end.get_bbox_patch(),
        "shrinkA": 2,
        "shrinkB": 2,
        "facecolor": "black",
    }
    axes.annotate("", xytext=start.get_position(), xy=end.get_position(), arrowprops=arrow, zorder=2)
    if tie.kind == "sanction":
        place, before = (_on_curve(start.get_position(), end.get_position(), bend, share) for share in (0.8, 0.79))
        _crossbar(axes, place, before)


def _crossbar(axes: Axes, place: _Place, before: _Place) -> None:
    """Draw the bar across an arrow that distinguishes a sanction from a recognition."""
    (x, y), along = place, math.dist(place, before)
    right, up = 0.1 * (x - before[0]) / along, 0.1 * (y - before[1]) / along
    axes.plot([x - up, x + up], [y + right, y - right], color="black", linewidth=2.2, zorder=3)


def _free(start: _Place, end: _Place, bend: float, taken: Sequence[_Place]) -> _Place:
    """Return the point near the middle of an arc that is far enough from *taken* points, else the farthest."""
    best, room = _on_curve(start, end, bend, 0.5), -1.0
    for share in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74):
        place = _on_curve(start, end, bend, share)
        space = min((math.hypot((x - place[0]) / 2, y - place[1]) for x, y in taken), default=1.0)
        if space > room:
            best, room = place, space
        if room > 0.3:
            break
    return best


def _on_curve(start: _Place, end: _Place, bend: float, share: float) -> _Place:
    """Return a point of the quadratic Bezier curve that ``arc3`` of matplotlib draws; *share* is from 0 to 1."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2 + bend * (y2 - y1), (y1 + y2) / 2 - bend * (x2 - x1)
    first, second, third = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return first * x1 + second * middle[0] + third * x2, first * y1 + second * middle[1] + third * y2


def _key(axes: Axes, place: tuple[float, float], tie: Tie) -> None:
    """Write the key on its edge, framed and with a cross if somebody denies the tie with certainty."""
    frame = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "black" if tie.subject.mark else "none"}
    text = f"{tie.key} ✗" if tie.subject.mark else tie.key
    axes.text(*place, text, ha="center", va="center", size=8, bbox=frame, zorder=4)


def _network_legend(axes: Axes) -> None:
    axes.text(0, 1.2, "Strongest claim that does not deny it:", va="center")
    for number, level in enumerate(LINES):
        x, y = number % 4 * 3.3, 0.95 - number // 4 * 0.25
        width, dashes = LINES[level]
        axes.plot([x, x + 0.9], [y, y], color="black", linewidth=width, linestyle=dashes)
        axes.text(x + 1.0, y, _LEVEL_WORDS.get(level, level), va="center")
    heads = (("recognition", "R: recognises"), ("sanction", "S: has sanctions against"), ("alignment", "A: aligned"))
    for number, (kind, text) in enumerate(heads):
        x, y = number * 3.3, 0.4
        arrow = {"arrowstyle": HEADS[kind], "mutation_scale": 12, "facecolor": "black", "linewidth": 1.8}
        axes.annotate("", xytext=(x, y), xy=(x + 0.9, y), arrowprops=arrow)
        if kind == "sanction":
            _crossbar(axes, (x + 0.65, y), (x, y))
        axes.text(x + 1.0, y, text, va="center")
    frame = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "black"}
    axes.text(10.35, 0.4, "R1 ✗", va="center", ha="center", size=8, bbox=frame)
    axes.text(10.9, 0.4, "somebody flatly denies it", va="center")
    text = "White boxes are actors, grey ones what is recognised; a circle ties the parties to an alignment of several."
    axes.text(0, 0.1, text, va="center", color=_GREY)


# The matrix

_CELL: Final = 0.38
_ACROSS: Final = 35


def _matrix(picture: Matrix, dpi: int) -> Figure:
    rows = picture.rows[:MOST]
    bands = []
    for first in range(0, len(picture.columns[:MOST]), _ACROSS):
        columns = picture.columns[first : min(first + _ACROSS, MOST)]
        bands.append((columns, [row for row in rows if any((row, column) in picture.cells for column in columns)]))
    heads = [_head(columns) for columns, _ in bands]
    heights = [head + _CELL * len(own) + 0.3 for head, (_, own) in zip(heads, bands, strict=True)]
    left = 0.3 + 0.075 * max((min(len(row), 60) for row in rows), default=0)
    widest = max((len(columns) for columns, _ in bands), default=0)
    width = max(left + _CELL * widest + 1.4, 11.0)
    figure = canvas(
        width,
        sum(heights) + 2.3,
        dpi,
        picture,
        _cut(len(rows), len(picture.rows)) or _cut(min(len(picture.columns), MOST), len(picture.columns)),
    )
    bottom = sum(heights) + 1.2
    for (columns, own), head, height in zip(bands, heads, heights, strict=True):
        bottom -= height
        axes = _axes(figure, 0, bottom, width, height)
        _band(axes, picture, columns, own, left, height - head)
    if rows:
        _matrix_legend(_axes(figure, 0.2, 0.1, width - 0.3, 1.0))
    return figure


def _head(columns: Sequence[str]) -> float:
    """Return the height of the slanted column labels in inches."""
    return 0.25 + 0.055 * max(len(line) for column in columns for line in _wrap(column, 46, lines=2))


def _band(axes: Axes, picture: Matrix, columns: Sequence[str], rows: Sequence[str], left: float, top: float) -> None:
    right = left + _CELL * len(columns)
    for number, column in enumerate(columns):
        x = left + _CELL * (number + 0.5)
        axes.text(
            x,
            top + 0.06,
            "\n".join(_wrap(column, 46, lines=2)),
            rotation=60,
            rotation_mode="anchor",
            va="center",
            size=8.5,
            linespacing=1.0,
        )
        axes.plot([x, x], [top, top - _CELL * len(rows)], color="0.88", linewidth=0.6, zorder=0)
    for number, row in enumerate(rows):
        y = top - _CELL * (number + 0.5)
        axes.text(left - 0.1, y, _short(row, 60), ha="right", va="center")
        axes.plot([left, right], [y, y], color="0.88", linewidth=0.6, zorder=0)
        for place, column in enumerate(columns):
            _cell(axes, left + _CELL * (place + 0.5), y, picture.cells.get((row, column), ()))


_SPOTS: Final = {
    1: ((0.0, 0.0),),
    2: ((-0.08, 0.0), (0.08, 0.0)),
    3: ((-0.08, 0.08), (0.08, 0.08), (0.0, -0.08)),
    4: ((-0.08, 0.08), (0.08, 0.08), (-0.08, -0.08), (0.08, -0.08)),
}


def _cell(axes: Axes, x: float, y: float, marks: Sequence[tuple[str, str, int]]) -> None:
    """Draw at most four marks in a cell; a single one with its number of claims, if that is above 1."""
    shown = marks[:4]
    radius = 0.11 if len(shown) == 1 else 0.068
    for (stance, level, number), (right, up) in zip(shown, _SPOTS.get(len(shown), ()), strict=True):
        _mark(axes, x + right, y + up, stance, level, radius)
        if number > 1 and len(shown) == 1:
            axes.text(x + 0.1, y + 0.05, str(number), size=7, ha="left", va="bottom", zorder=5)


_SHARES: Final = {"certain": 1.0, "probable": 2 / 3, "possible": 1 / 3, "improbable": 0.0}


def _mark(axes: Axes, x: float, y: float, stance: str, level: str, radius: float) -> None:
    """Draw a mark: a disc filled by certainty if affirmed, a cross if denied, a question mark if left open."""
    patches = _library("matplotlib.patches")
    if stance == "denies":
        width = 2.4 if level == "certain" else 0.9
        reach = radius * 0.8
        for slope in (1, -1):
            axes.plot([x - reach, x + reach], [y - reach * slope, y + reach * slope], color="black", linewidth=width)
    elif level == "open":
        axes.text(x, y, "?", ha="center", va="center", weight="bold", size=11 if radius > 0.1 else 8)
    else:
        dashes = "solid" if level in _SHARES else (0, (1.5, 1))
        axes.add_patch(patches.Circle((x, y), radius, facecolor="white", edgecolor="black", linestyle=dashes, zorder=3))
        if share := _SHARES.get(level, 0.0):
            wedge = patches.Wedge((x, y), radius, 90 - 360 * share, 90, facecolor="black", linewidth=0, zorder=4)
            axes.add_patch(wedge)


_MARKS: Final = (
    ("affirms", "certain", "affirmed, certain"),
    ("affirms", "probable", "affirmed, probable"),
    ("affirms", "possible", "affirmed, possible"),
    ("affirms", "improbable", "affirmed, improbable"),
    ("affirms", "conditional", "affirmed under a condition"),
    ("denies", "certain", "denied, certain"),
    ("denies", "possible", "denied, less surely"),
    ("leavesOpen", "open", "left open"),
)


def _matrix_legend(axes: Axes) -> None:
    for number, (stance, level, text) in enumerate(_MARKS):
        x, y = number % 4 * 2.5 + 0.12, 0.8 - number // 4 * 0.3
        _mark(axes, x, y, stance, level, 0.11)
        axes.text(x + 0.22, y, text, va="center")
    text = "A small number counts the claims behind a mark; for several marks in one cell, the text has the numbers."
    axes.text(0, 0.15, text, va="center", color=_GREY)


# The timeline

_ROW: Final = 0.27
_LEFT: Final = 5.3
_WIDE: Final = 6.2


def _timeline(picture: Timeline, dpi: int) -> Figure:
    bars = picture.bars[:MOST]
    labels = [_wrap(f"{'✗ ' if bar.subject.mark else ''}{bar.subject.label}", 74) for bar in bars]
    claims = [_wrap(bar.subject.words(), 74) for bar in bars]
    tall = [max(len(label), len(words)) * 0.15 + 0.13 for label, words in zip(labels, claims, strict=True)]
    height = sum(tall) + 0.3
    width = _LEFT + _WIDE + 5.2
    figure = canvas(width, height + 2.2, dpi, picture, _cut(len(bars), len(picture.bars)))
    axes = _axes(figure, 0, 1.0, width, height)
    if bars:
        scale = _scale(axes, bars, height)
        y = height - 0.02
        for bar, label, words, room in zip(bars, labels, claims, tall, strict=True):
            y -= room / 2
            axes.text(_LEFT - 0.15, y, "\n".join(label), ha="right", va="center", size=8.5, linespacing=1.1)
            axes.text(_LEFT + _WIDE + 0.15, y, "\n".join(words), va="center", size=8, linespacing=1.1)
            _bar(axes, y, bar, scale)
            y -= room / 2
            axes.plot([0.1, width - 0.1], [y, y], color="0.9", linewidth=0.5, zorder=0)
        _timeline_legend(_axes(figure, 0.2, 0.1, width - 0.3, 0.9))
    return figure


def _scale(axes: Axes, bars: Sequence[Bar], height: float) -> Callable[[datetime], float]:
    """Draw the axis of time above the bars, and return the function from a moment to its position in inches."""
    place, ticks = model.time_scale(bars, 0.08, 9)
    for share, name in ticks:
        x = _LEFT + share * _WIDE
        axes.plot([x, x], [0.2, height], color="0.8", linewidth=0.6, zorder=0)
        axes.text(x, height + 0.03, name, ha="center", va="bottom", clip_on=False)
        axes.text(x, 0.15, name, ha="center", va="top")
    return lambda moment: _LEFT + place(moment) * _WIDE


def _bar(axes: Axes, y: float, bar: Bar, scale: Callable[[datetime], float]) -> None:
    """Draw a period: thick where it certainly holds, hatched where it possibly does, an arrow where a bound is open."""
    period = bar.period
    known = model.bounds(period)
    low, high = scale(known[0]), scale(known[-1])
    left = scale(period.earliest_start) if period.earliest_start else _LEFT + 0.12
    right = scale(period.latest_end) if period.latest_end else _LEFT + _WIDE - 0.12
    if high - low < 0.06 and period.earliest_start and period.latest_end:
        axes.plot([(low + high) / 2], [y], marker="D", color="black", markersize=5)
        return
    _part(axes, left, right, y, 0.07, hatched=True)
    if bar.sure:
        begun, ended = bar.sure
        _part(axes, scale(begun), scale(ended), y, 0.15, hatched=False)
    else:
        _brackets(axes, y, period, scale)
    for open_, tip, direction in ((period.earliest_start, left, -1), (period.latest_end, right, 1)):
        if open_ is None:
            arrow = {"arrowstyle": "-|>", "facecolor": "black", "mutation_scale": 9, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", xytext=(tip, y), xy=(tip + 0.16 * direction, y), arrowprops=arrow, zorder=4)


def _brackets(axes: Axes, y: float, period: Period, scale: Callable[[datetime], float]) -> None:
    """Mark the latest start and the earliest end, where there is no time in which the proposition certainly holds."""
    for bound, direction in ((period.latest_start, 1), (period.earliest_end, -1)):
        edge = period.earliest_start if direction == -1 else period.latest_end
        if bound is not None and bound != edge:
            x, arm = scale(bound), 0.05 * direction
            axes.plot([x - arm, x, x, x - arm], [y + 0.09, y + 0.09, y - 0.09, y - 0.09], color="black", linewidth=1.1)


def _part(axes: Axes, left: float, right: float, y: float, height: float, *, hatched: bool) -> None:
    patches = _library("matplotlib.patches")
    style = {"facecolor": "white", "hatch": "//////"} if hatched else {"facecolor": "black", "zorder": 3}
    axes.add_patch(
        patches.Rectangle((left, y - height / 2), right - left, height, edgecolor="black", linewidth=0.6, **style)
    )


def _timeline_legend(axes: Axes) -> None:
    _part(axes, 0, 0.7, 0.7, 0.15, hatched=False)
    axes.text(0.8, 0.7, "certainly holds, if the claim is right", va="center")
    _part(axes, 4.0, 4.7, 0.7, 0.07, hatched=True)
    axes.text(4.8, 0.7, "may hold", va="center")
    arrow = {"arrowstyle": "-|>", "facecolor": "black", "mutation_scale": 9}
    axes.annotate("", xytext=(6.3, 0.7), xy=(6.7, 0.7), arrowprops=arrow)
    axes.text(6.8, 0.7, "no bound is stated", va="center")
    axes.plot([9.0], [0.7], marker="D", color="black", markersize=5)
    axes.text(9.2, 0.7, "a day or little more", va="center")
    for x, arm in ((0.25, -0.05), (4.25, 0.05)):
        axes.plot([x - arm, x, x, x - arm], [0.49, 0.49, 0.31, 0.31], color="black", linewidth=1.1)
    axes.text(0.8, 0.4, "has not ended before this", va="center")
    axes.text(4.8, 0.4, "has begun by this", va="center")
    axes.text(6.45, 0.4, "✗", va="center")
    axes.text(6.8, 0.4, "somebody flatly denies it", va="center")
