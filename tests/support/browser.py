"""A real browser for the tests: Debian's Chromium, headless, with nothing kept and nobody else asked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from tests.conftest import ROOT

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
EDITOR = ROOT / "src" / "triplomacy" / "static" / "yasgui" / "yasqe.min.js"
PHONE, DESKTOP = 360, 1280
CHANGEABLE = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""The rules of axe-core that another width or other colours of the same elements can break."""

_BARRIERS = """async (rules) => {
    const slight = axe._audit.rules.filter((rule) => ["minor", "moderate"].includes(rule.impact));
    const off = Object.fromEntries(slight.map((rule) => [rule.id, { enabled: false }]));
    const chosen = rules.length ? { runOnly: rules } : { rules: off };
    const { violations } = await axe.run(document, { ...chosen, resultTypes: ["violations"] });
    return violations.map((one) => ({ ...one, nodes: one.nodes.map(({ html }) => html) }));
}"""
_REMEMBER = "window.shownBefore = new Set([...document.querySelectorAll('body *')].filter((e) => e.checkVisibility()))"
_APPEARED = "[...document.querySelectorAll('body *')].some((e) => e.checkVisibility() && !window.shownBefore.has(e))"
expect.set_options(timeout=20_000)  # milliseconds: a busy machine takes long to compile four megabytes


def missing(what: str) -> None:
    """Skip the test, but fail it where ``CI`` is ``true``."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium with a profile of its own while the block runs."""
    program = shutil.which("chromium")
    if program is None:
        missing("no chromium here; as root: make system-packages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page in the browser, with what went wrong on it.

    Attributes:
        page: the page.
        home: the address of the server.
        complaints: messages on the console, errors of scripts, requests to another host, dialogues.
    """

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a path of the server, and return the status."""
        response = self.page.goto(self.home + path, wait_until="load")
        assert response is not None
        return response.status

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(script))

    def focused(self, what: str = "outerHTML") -> str:
        """Return a property of the element that has the focus."""
        return str(self.page.evaluate(f"document.activeElement.{what}"))

    def barriers(self, rules: Sequence[str] = ()) -> list[str]:
        """Return what axe-core finds serious or critical, each with the elements that it is about.

        Args:
            rules: which to look by; none for all that can find what is as grave as that.
        """
        if not AXE.exists():
            missing("no axe-core here: make editor")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
        found: list[dict[str, Any]] = self.page.evaluate(_BARRIERS, list(rules))
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {[html[:150] for html in one['nodes'][:3]]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    def look(self, *, twice: bool = True) -> None:
        """Look at a page on a desk in the light and on a phone in the dark: it is not too wide and has no barrier.

        What colours and sizes do not change is looked for once, and again where the phone shows what the desk does not.

        Args:
            twice: whether barriers are looked for in both.
        """
        for width, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert self.overflow() <= 0, width
            if twice or width == PHONE:
                known = twice and width == PHONE and not self.page.evaluate(_APPEARED)
                assert self.barriers(CHANGEABLE if known else ()) == [], scheme
            if twice and width == DESKTOP:
                self.page.evaluate(f"{_REMEMBER}; 0")


@contextmanager
def visiting(
    browser: Browser,
    home: str,
    width: int = DESKTOP,
    scheme: Literal["dark", "light"] = "light",
    *,
    script: bool = True,
) -> Iterator[Visit]:
    """Open an empty page, in which to visit a server, for the time of the block."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
    )
    context.set_default_timeout(10_000)
    visit = Visit(context.new_page(), home)
    page, complaints = visit.page, visit.complaints
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: _dismiss(dialog, complaints))
    page.on("request", lambda request: _watch(request.url, home, complaints))
    try:
        yield visit
    finally:
        context.close()


def _dismiss(dialog: Dialog, complaints: list[str]) -> None:
    complaints.append(f"dialogue: {dialog.message}")
    dialog.dismiss()


def _watch(url: str, home: str, complaints: list[str]) -> None:
    if not url.startswith((f"{home}/", "data:")):
        complaints.append(f"request to {url}")
