"""What docs/validation.md, the hooks and the action have a CI system run, run with an installed wheel."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.conftest import ROOT, Installed

PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
FILES = ["data.ttl", "ontology.ttl", "shapes.ttl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the small example of the page."""
    return Path(shutil.copytree(ROOT / "tests" / "ci", tmp_path / "ci"))


def run(installed: Installed, folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder with the programs of the wheel's environment."""
    path = f"{installed.environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=folder, env=kept | {"PATH": path} | variables, capture_output=True, text=True, check=False
    )


def example(start: str) -> Any:
    """Return the YAML example of the page that begins so."""
    (found,) = (text for language, text in BLOCKS if language == "yaml" and text.startswith(start))
    return yaml.safe_load(found)


def test_console_examples_give_what_is_shown(installed: Installed, folder: Path) -> None:
    """Each command of the page's console prints what stands below it."""
    steps = [step for language, text in BLOCKS if language == "console" for step in re.split(r"^\$ ", text, flags=re.M)]
    steps = [step for step in steps if step]
    assert len(steps) == 4
    for step in steps:
        command, _, shown = step.partition("\n")
        assert run(installed, folder, *shlex.split(command)).stdout == shown


def test_suppression_of_the_page_suppresses(installed: Installed, folder: Path) -> None:
    """The page's suppression, appended to the data, takes the finding out of the count and names its reason."""
    (text,) = (text for language, text in BLOCKS if language == "turtle")
    with (folder / "data.ttl").open("a", encoding="utf-8") as file:
        file.write("\n" + text)
    done = run(installed, folder, "triplomacy", "validate", "data.ttl", "--shapes", "shapes.ttl")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("suppressed 1: Nobody has a scale.\nconforms: no findings, 1 suppressed\n")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_hook_runs(hook: dict[str, Any], installed: Installed, folder: Path) -> None:
    """A hook's command, with the arguments of the page and the files that it is for, ends as it should."""
    arguments = {"triplomacy-validate-data": ["--shapes", "shapes.ttl", "--ontology", "ontology.ttl", "--"]}
    names = [name for name in FILES if re.search(hook["files"], name)] if hook.get("pass_filenames", True) else []
    assert names or not hook.get("pass_filenames", True)
    given = names[:1] if hook["id"] == "triplomacy-validate-data" else names
    done = run(installed, folder, *shlex.split(hook["entry"]), *arguments.get(hook["id"], []), *given)
    expected = 1 if hook["id"] == "triplomacy-validate-data" else 0
    assert done.returncode == expected, done.stdout + done.stderr
    assert done.stderr == "" or "error" not in done.stderr


def test_hooks_of_the_page_exist() -> None:
    """The page names hooks that there are, with arguments that the test above gives."""
    (repository,) = example("repos:")["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in HOOKS}
    (arguments,) = (hook["args"] for hook in repository["hooks"] if "args" in hook)
    assert arguments == ["--shapes", "shapes.ttl", "--ontology", "ontology.ttl", "--"]


def test_format_hook_mends_what_its_check_finds(installed: Installed, folder: Path) -> None:
    """The check fails for a file that is not in its normal form, until the other hook has been there."""
    path = folder / "data.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("    a ex:Bird", "a  ex:Bird"), encoding="utf-8")
    codes = []
    for name in ("triplomacy-format-check", "triplomacy-format", "triplomacy-format-check"):
        (hook,) = (hook for hook in HOOKS if hook["id"] == name)
        codes.append(run(installed, folder, *shlex.split(hook["entry"]), "data.ttl").returncode)
    assert codes == [1, 0, 0]


def action(installed: Installed, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the action that validates, with inputs as GitHub would hand them over."""
    (step,) = (step for step in ACTION["runs"]["steps"] if step["name"] == "Validate")
    defaults = {name: entry["default"] for name, entry in ACTION["inputs"].items()}
    assert set(inputs) <= set(defaults)
    values = defaults | inputs
    variables = {
        name: values[re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text)[1]]  # type: ignore[index]
        for name, text in step["env"].items()
    }
    return run(installed, folder, "bash", "-eo", "pipefail", "-c", step["run"], **variables)


def test_action_annotates_and_writes_sarif(installed: Installed, folder: Path) -> None:
    """With the inputs of the page the action fails, annotates the line, and writes SARIF."""
    inputs = example("steps:")["steps"][1]["with"]
    done = action(installed, folder, **inputs)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=data.ttl,line=10,col=15,")
    document = json.loads((folder / "findings.sarif").read_text(encoding="utf-8"))
    assert [result["ruleId"] for result in document["runs"][0]["results"]] == ["ex:Duck-weight"]


def test_action_takes_all_inputs(installed: Installed, folder: Path) -> None:
    """Several files, a severity, a baseline and a second report are handed over, names with spaces too."""
    (folder / "more data.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    (folder / "known.json").write_text('{"version": 1, "findings": {}}', encoding="utf-8")
    inputs = {"data": "data.ttl\nmore data.ttl\n", "shapes": "shapes.ttl", "ontology": "ontology.ttl"}
    inputs |= {"fail-on": "warning", "baseline": "known.json", "junit": "out.xml"}
    done = action(installed, folder, **inputs)
    assert done.returncode == 1, done.stderr
    assert ET.parse(folder / "out.xml").getroot().tag == "testsuites"


def test_action_without_inputs_validates_the_project(installed: Installed, folder: Path) -> None:
    """Without data and shapes the action validates the project's own graphs, here those of the wheel."""
    done = action(installed, folder)
    assert (done.returncode, done.stdout) == (0, "conforms: no findings, 1 suppressed\n")


def test_gitlab_job_runs(installed: Installed, folder: Path) -> None:
    """The command of the page's GitLab job writes both artifacts and fails for the finding."""
    job = example("validate:")["validate"]
    done = [run(installed, folder, *shlex.split(command)) for command in job["script"]]
    assert [each.returncode for each in done] == [1]
    reports = job["artifacts"]["reports"]
    (entry,) = json.loads((folder / reports["codequality"]).read_text(encoding="utf-8"))
    assert entry["location"] == {"path": "data.ttl", "lines": {"begin": 10}}
    assert ET.parse(folder / reports["junit"]).getroot().get("failures") == "1"


def test_jenkins_step_runs(installed: Installed, folder: Path) -> None:
    """The command of the page's Jenkins stage writes the file that its junit step reads."""
    (stage,) = (text for language, text in BLOCKS if language == "groovy")
    (command,) = re.findall(r"sh '([^']+)'", stage)
    (file,) = re.findall(r"junit '([^']+)'", stage)
    assert run(installed, folder, *shlex.split(command)).returncode == 1
    assert (folder / file).stat().st_size > 0
