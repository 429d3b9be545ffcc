"""Pictures show what the graph claims, who claims it and what is denied, without colour, and the same each time."""

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.conftest import ROOT
from triplomacy import cli
from triplomacy.dataset.project import Project
from triplomacy.errors import EngineUnavailable, TriplomacyError, UnknownName
from triplomacy.pictures import draw, model
from triplomacy.pictures.model import Matrix, Network, Saying, Selection, Subject, Tie, Timeline

OURS = Project(ROOT)
SVG = "{http://www.w3.org/2000/svg}"
NOTHING = Selection(as_of="1700", certainly=True)


def network(project: Project = OURS, **chosen: Any) -> Network:
    """Return what the network shows."""
    shown = model.picture(project, "network", Selection(**chosen))
    assert isinstance(shown, Network)
    return shown


def matrix(project: Project = OURS, **chosen: Any) -> Matrix:
    """Return what the matrix shows."""
    shown = model.picture(project, "matrix", Selection(**chosen))
    assert isinstance(shown, Matrix)
    return shown


def timeline(project: Project = OURS, **chosen: Any) -> Timeline:
    """Return what the timeline shows."""
    shown = model.picture(project, "timeline", Selection(**chosen))
    assert isinstance(shown, Timeline)
    return shown


def test_network_has_the_ties_of_the_article() -> None:
    """Three states recognise the republics, one the referendums; sanctions keep an imposer who is not named."""
    ties = network().ties
    recognitions = {(*tie.starts, *tie.ends) for tie in ties if tie.kind == "recognition"}
    republics = {"Donetsk People's Republic", "Lugansk People's Republic"}
    assert {(who, what) for who in ("Russia", "Syria", "North Korea") for what in republics} < recognitions
    assert {who for who, what in recognitions if what.startswith("Referendum")} == {"North Korea"}
    assert {(*tie.starts, *tie.ends) for tie in ties if tie.kind == "sanction"} == {
        ("European Union", "Russia"),
        ("United States", "Russia"),
        ("The West", "North Korea"),
        (model.UNNAMED, "North Korea"),
    }
    assert {tie.starts for tie in ties if tie.kind == "alignment" and len(tie.starts) == 3} == {
        ("China", "North Korea", "Russia")
    }
    assert all(not tie.ends for tie in ties if tie.kind == "alignment")


def test_ties_say_who_says_so_and_how_surely() -> None:
    """The alliance to come is improbable, the strategic alignment probable, and each line names its claimant."""
    levels = {tie.subject.label: tie.subject.level for tie in network().ties}
    assert levels["Russia and North Korea enter into a formal alliance"] == "improbable"
    assert levels["Russia and North Korea align strategically"] == "probable"
    assert all("Artyom Lukin: affirmed (" in line for line in network().lines())


def test_matrix_has_both_sides_of_a_dispute() -> None:
    """The Pentagon affirms the request for arms, North Korea and Russia's envoy deny it."""
    shown = matrix()
    column = {row: marks for (row, kind), marks in shown.cells.items() if kind == "arms request"}
    assert column == {
        "United States Department of Defense": (("affirms", "certain", 1),),
        "North Korea": (("denies", "certain", 1),),
        "Russia's envoy to the United Nations": (("denies", "certain", 1),),
    }
    assert shown.cells["Artyom Lukin", "arms sale"] == (("affirms", "conditional", 1),)
    assert shown.rows[0] == "Artyom Lukin"
    assert ("Artyom Lukin", "arms request") not in shown.cells


def test_matrix_of_few_has_propositions() -> None:
    """According to one actor the columns are propositions, and nobody else is a row."""
    shown = matrix(actor="Pyongyang")
    assert shown.rows == ("North Korea",)
    assert "Russia asks North Korea for ammunition" in shown.columns
    assert shown.caption[1] == "Shown: claims of North Korea only."


def test_timeline_keeps_bounds_open_and_counts_the_undated() -> None:
    """The standstill begins in early 2020 and has no end; bars and undated propositions together are all."""
    shown = timeline()
    (bar,) = (bar for bar in shown.bars if bar.subject.label.startswith("The economic relationship of Russia"))
    assert "begins from 2020-01-01 to 2020-04-30, ends on or after 2022-09-21. Artyom Lukin: affirmed" in bar.words()
    assert bar.period.latest_end is None
    (undated,) = re.findall(r"(\d+) propositions without a known bound", shown.caption[0])
    (all_,) = re.findall(r"(\d+) propositions", matrix().caption[0])
    assert len({bar.subject.iri for bar in shown.bars}) + int(undated) == int(all_)


def test_a_denial_elsewhere_stays_visible(own_gazette: Project) -> None:
    """Whoever's claims are chosen, a denial of what the proposition specialises marks it as disputed."""
    shown = timeline(own_gazette, actor="Hilda Marsh")
    (bar,) = (bar for bar in shown.bars if bar.subject.label == "Syldavia sells rifles to Ruritania")
    assert (bar.subject.mark, bar.subject.deniers) == ("disputed", ("Syldavia's envoy",))
    assert "[disputed]" in bar.words()
    assert "flatly denied by Syldavia's envoy" in bar.words()


def test_only_denied_is_not_disputed(own_gazette: Project) -> None:
    """A sanction that somebody denies and nobody affirms is marked as denied, and its line is the faintest."""
    (tie,) = (tie for tie in network(own_gazette).ties if tie.subject.mark)
    assert (tie.subject.mark, tie.subject.level) == ("denied", "denied")


def test_view_leaves_out_what_it_does_not_hold() -> None:
    """What is only probable or to come is not a fact of a view, and so not in its picture."""
    shown = {tie.subject.label for tie in network(view="undisputed").ties}
    everything = {tie.subject.label for tie in network().ties}
    assert shown < everything
    assert "Russia and North Korea enter into a formal alliance" in everything - shown
    assert "Syria recognises the Donetsk republic" in shown


def test_date_leaves_out_what_cannot_hold() -> None:
    """In 2019 the Suspension of 2020 does not possibly hold."""
    label = "North Korea suspends direct transport links to Russia"
    assert label in {bar.subject.label for bar in timeline().bars}
    assert label not in {bar.subject.label for bar in timeline(as_of="2019").bars}


def test_kinds_and_levels_differ_without_colour() -> None:
    """Each level has a line of its own by dashes or width, recognitions and alignments have different heads."""
    styles = [str(style) for style in draw.LINES.values()]
    assert len(set(styles)) == len(styles) == len(model.LEVELS)
    assert set(draw.LINES) == set(model.LEVELS)
    assert draw.HEADS["recognition"] != draw.HEADS["alignment"]


@pytest.mark.parametrize("name", model.PICTURES)
def test_svg_is_accessible_and_grey(name: str, own_gazette: Project) -> None:
    """The SVG parses, has the text alternative as its description, and no colour that is not a grey."""
    shown = model.picture(own_gazette, name, Selection())
    drawn = draw.draw(shown, "svg").decode()
    root = ElementTree.fromstring(drawn)
    title, desc = root.findall(f"{SVG}title"), root.findall(f"{SVG}desc")
    assert [part.text for part in (*title, *desc)] == [shown.title, model.words(shown)]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby", "").split() == [part.get("id") for part in (*title, *desc)]
    assert root.find(f"{SVG}metadata") is None
    colours = re.findall(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b", drawn)
    assert colours
    assert [colour for colour in colours if len(set(colour)) > 1] == []


@pytest.mark.parametrize("selection", [Selection(), NOTHING], ids=["all", "nothing"])
@pytest.mark.parametrize("name", model.PICTURES)
def test_same_bytes(name: str, selection: Selection, own_gazette: Project) -> None:
    """Another process, with other hashes of strings, draws the same bytes; there is a picture of nothing too."""
    program = (
        "import sys; from pathlib import Path; from triplomacy import pictures\n"
        "from triplomacy.dataset import Project\n"
        f"shown = pictures.model.picture(Project(Path(sys.argv[1])), {name!r}, pictures.{selection!r})\n"
        "sys.stdout.buffer.write(pictures.draw.draw(shown, 'svg') + pictures.draw.draw(shown, 'png'))"
    )
    command = [sys.executable, "-c", program, str(own_gazette.root)]
    shown = model.picture(own_gazette, name, selection)
    assert bool(shown.lines()) == (selection != NOTHING)
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout == draw.draw(shown, "svg") + draw.draw(shown, "png")


def test_png_has_its_description(own_gazette: Project) -> None:
    """The PNG is one, and carries the text alternative and no date."""
    shown = network(own_gazette)
    image = Image.open(BytesIO(draw.draw(shown, "png")))
    assert image.info["Description"] == model.words(shown)
    assert not {"Software", "Creation Time"} & set(image.info)
    assert len(image.convert("L").getcolors() or []) > 2


def test_labels_are_text_and_nothing_else() -> None:
    """What looks like mathematics, markup or a control character is drawn and described as it is written."""
    subject = Subject("x:y", "$x_1$ & <b>", "k", (Saying("A $", "affirms", "certain"),))
    shown = Network((Tie("R1", "recognition", ("A $",), ("한국 <i>",), subject),), frozenset({"A $"}), ("c",))
    root = ElementTree.fromstring(draw.draw(shown, "svg"))
    assert "$x_1$ & <b>" in (root.findtext(f"{SVG}desc") or "")


def test_many_ties_are_cut_and_counted() -> None:
    """More than can be read are not drawn; the picture says how many, and its text has them all."""
    subject = Subject("x:y", "it holds", "k", (Saying("A", "affirms", "certain"),))
    ties = tuple(Tie(f"R{n}", "recognition", (f"n{n % 9}",), (f"m{n % 7}",), subject) for n in range(draw.MOST + 5))
    drawn = draw.draw(Network(ties, frozenset(), ("c",)), "svg").decode()
    assert f"Drawn are the first {draw.MOST} of {draw.MOST + 5}" in drawn
    assert f"R{draw.MOST + 4} recognition" in drawn


def test_absent_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib one is told what to install, while the text alternative needs none."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    shown = Network((), frozenset(), ())
    assert draw.draw(shown, "text")
    with pytest.raises(EngineUnavailable, match=r"matplotlib is not installed; install triplomacy\[plot\]"):
        draw.draw(shown, "svg")


@pytest.mark.parametrize(
    ("name", "selection", "message"),
    [
        ("netwrk", Selection(), "no such picture: netwrk; did you mean network"),
        ("network", Selection(view="undisputd"), "no such view: undisputd; did you mean undisputed"),
        ("network", Selection(actor="id:nobody"), "id:nobody"),
        ("matrix", Selection(actor="China"), "id:china makes no claim here"),
        ("timeline", Selection(as_of="2022-13"), "is not a date"),
        ("timeline", Selection(certainly=True), "give the date"),
    ],
)
def test_bad_input(name: str, selection: Selection, message: str) -> None:
    """What cannot be drawn is said with what would be right."""
    with pytest.raises(TriplomacyError, match=re.escape(message)) as caught:
        model.picture(OURS, name, selection)
    assert isinstance(caught.value, UnknownName) == message.startswith("no such")


def test_command_writes_by_the_ending(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The ending says the format, standard output has an SVG, and what cannot be written leaves nothing."""
    target = tmp_path / "matrix.png"
    assert (
        cli.main(["plot", "matrix", "--project", str(ROOT), "--according-to", "Pyongyang", "--output", str(target)])
        == 0
    )
    assert target.read_bytes().startswith(b"\x89PNG")
    assert cli.main(["plot", "timeline", "--project", str(ROOT), "--as-of", "2019"]) == 0
    assert ElementTree.fromstring(capsysbinary.readouterr().out).tag == f"{SVG}svg"
    assert cli.main(["plot", "network", "--project", str(ROOT), "--output", str(tmp_path / "no" / "x.svg")]) == 2
    assert b"there is no folder" in capsysbinary.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["matrix.png"]


def test_png_is_not_for_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes are not thrown at a terminal."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.main(["plot", "network", "--project", str(ROOT), "--format", "png"]) == 2
    assert capsys.readouterr().err.count("give --output FILE") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("to_file", [False, True])
def test_full_disk(to_file: bool) -> None:
    """A full disk is one message and exit code 2."""
    program = "import sys; from triplomacy.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "plot", "network", *(["--output", "/dev/full"] if to_file else [])]
    with Path("/dev/full").open("w") as full:
        output = subprocess.DEVNULL if to_file else full
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "No space left on device" in line


@pytest.mark.parametrize("view", [None, "undisputed"])
def test_no_line_runs_through_a_box(view: str | None) -> None:
    """Each line of the network that is alone between its ends keeps off the boxes of all others."""
    ties = network(view=view).ties
    nodes, edges = draw._graph(ties)
    side = max(7.2, 0.5 * len(nodes))
    places = draw._places(nodes, edges, side * 1.2, side)
    alone = [edge for edge in edges if sum({*edge[:2]} == {*other[:2]} for other in edges) == 1]
    assert len(alone) > 10
    for start, end, *_ in alone:
        others = [place for node, place in places.items() if node not in (start, end)]
        bend = draw._around(places[start], places[end], others)
        curve = [draw._on_curve(places[start], places[end], bend, step / 50) for step in range(1, 50)]
        assert not [1 for x, y in curve for px, py in others if abs(x - px) < 0.7 and abs(y - py) < 0.25], (start, end)


def test_unknown_ending_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file whose ending names another format is not written as SVG, unless the format is said."""
    target = tmp_path / "network.pdf"
    assert cli.main(["plot", "network", "--output", str(target)]) == 2
    assert "no picture has the ending .pdf; take .svg, .png or .txt" in capsys.readouterr().err
    assert not target.exists()
