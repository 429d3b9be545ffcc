"""The notebooks run, say what they are said to say, and carry no outputs in the repository."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import ROOT

pytestmark = pytest.mark.alone  # a kernel binds ports that were free a moment before

NOTEBOOKS = sorted((ROOT / "docs").glob("*.ipynb"))
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@pytest.fixture(scope="module")
def executed() -> dict[str, NotebookNode]:
    """Return each notebook as it is after all its cells have run, in the folder that it lies in."""
    done = {}
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": path.parent}}
        )
        done[path.stem] = client.execute()
    return done


def outputs(notebook: NotebookNode, cell: str) -> str:
    """Return what a cell has printed and shown, in all its forms; what is a warning or an error has no place here."""
    (found,) = (each for each in notebook.cells if each.id == cell)
    shown: list[str] = []
    for output in found.outputs:
        assert output.output_type in ("stream", "display_data", "execute_result")
        assert output.get("name") != "stderr", output.text
        shown += [output.text] if output.output_type == "stream" else map(str, output.data.values())
    return "\n".join(shown)


def test_there_are_two() -> None:
    """A tour of the article's graph, and two actors side by side."""
    assert [path.stem for path in NOTEBOOKS] == ["tour", "two-actors"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_shows_something(path: Path, executed: dict[str, NotebookNode]) -> None:
    """Each cell of code runs without an error or a warning, and shows its answer."""
    cells = [cell for cell in executed[path.stem].cells if cell.cell_type == "code"]
    assert len(cells) >= 8
    assert [cell.id for cell in cells if not outputs(executed[path.stem], cell.id)] == []


TOLD = {
    ("tour", "who-recognises"): ["Syria", "North Korea", "Russia", "Artyom Lukin", "certain"],
    ("tour", "bare"): ["0 rows", "tri:recognises holds only in views"],
    ("tour", "in-the-authors-voice"): ["Syria", "North Korea", "Russia"],
    ("tour", "explained"): ["lukin-2022:text#char=1093,1214", "Artyom Lukin affirms it; certainty: certain"],
    ("tour", "passages"): ["of which", "carry claims"],
    ("tour", "certainty"): ["improbable 2 0 0", "possible 6 0 3", "probable 1 0 2"],
    ("tour", "hedged"): ["Russia and North Korea enter into a formal alliance"],
    ("tour", "ledger"): ["Russia asks North Korea for ammunition"],
    ("tour", "vote"): ["{'2022-03-01': False, '2022-03-02': True}"],
    ("tour", "record"): ["Belarus", "Eritrea"],
    ("tour", "drawn"): ["<svg", "Recognition, sanctions and alignment, as claimed"],
    ("tour", "citation"): ["recognition/who-recognises"],
    ("two-actors", "said-by-each"): [
        "NATO is to blame for the Ukraine crisis",
        "Russia asks North Korea for ammunition",
    ],
    ("two-actors", "meeting"): ["Russia asks North Korea for ammunition", "denies", "affirms"],
    ("two-actors", "where"): [
        "claim/north-korea-denies-request",
        "claim/pentagon-russia-asks-for-ammunition",
        "#char=",
    ],
    ("two-actors", "ledger"): ["Russia's envoy to the United Nations", "true"],
    ("two-actors", "facts"): ["Russia requests arms from North Korea", "According to both: nothing"],
    ("two-actors", "drawn"): [
        "Shown: claims of North Korea only.",
        "Shown: claims of United States Department of Defense only.",
    ],
}


@pytest.mark.parametrize(("notebook", "cell"), TOLD, ids=lambda name: name)
def test_notebook_tells_what_the_graph_says(notebook: str, cell: str, executed: dict[str, NotebookNode]) -> None:
    """The cells show the answers that the words around them speak of."""
    shown = " ".join(outputs(executed[notebook], cell).split())
    assert [words for words in TOLD[notebook, cell] if words not in shown] == [], shown[:2_000]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_has_no_noise(path: Path) -> None:
    """There are no outputs, counts or metadata of a machine in it, its cells have names, and its form is nbformat's."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    raw = json.loads(text)
    assert text == nbformat.writes(notebook) + "\n"
    assert raw["metadata"] == METADATA
    assert all(cell["metadata"] == {} and not cell.get("outputs") for cell in raw["cells"])
    assert all(cell.get("execution_count") is None for cell in raw["cells"])
    names = [cell["id"] for cell in raw["cells"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_of_a_notebook_lead_somewhere(path: Path) -> None:
    """Each file that a notebook links to is there."""
    words = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", words)
    assert links
    assert [link for link in links if not (path.parent / link).is_file()] == []
