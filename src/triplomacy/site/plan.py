"""Writing of a static site: pages and data for every IRI of ours, former releases, and files for the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from triplomacy import pages
from triplomacy.dataset import Project
from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.files import read_text
from triplomacy.folders import restore, scratch
from triplomacy.publish import Differences, Release, nanopublications, release_diff
from triplomacy.site import (
    answers,
    content,
    feed,
    folder as folders,
    gone,
    in_page_queries,
    metadata,
    publication,
    redirects,
    releases,
)
from triplomacy.site.folder import Folder
from triplomacy.site.publication import Publication
from triplomacy.terms import ROOT

BASE: Final = ROOT.removesuffix("/")
"""The base URL of a site that has none of its own: that of the IRIs."""

_LOG: Final = f"nanopublications/{nanopublications.LOG}"
_Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SitePlan:
    """The options of writing a site.

    Attributes:
        project: the project whose graphs are published.
        output: the folder to write.
        base: the URL of the site, without a trailing slash.
        previous: the folder of a former site or a file with a list of IRIs, besides a site in *output*; or None.
        release: the version to release, or "".
        key: the file with the private key that signs nanopublications, or None.
    """

    project: Project
    output: Path
    base: str = BASE
    previous: Path | None = None
    release: str = ""
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class _Former:
    """The former sites: their IRIs, their folders, and their releases, each with its folder, the last one first."""

    iris: frozenset[str]
    roots: Sequence[Path]
    releases: Sequence[tuple[Path, Release]]

    def path(self, name: str) -> Path | None:
        """Return the path of a file in the first of the former sites that has it, or None."""
        return next((root / name for root in self.roots if (root / name).is_file()), None)


def write(plan: SitePlan, progress: _Progress) -> int:
    """Write a site, completely or not at all, and return the number of its files.

    Args:
        plan: the options.
        progress: called with a message before each step.

    Raises:
        EngineUnavailable: a library is not installed.
        MalformedInput: a file of the project or of the former site is malformed.
        TriplomacyError: the folder has other files than a former site, or cannot be written; the release contradicts
            the version of the ontology or former releases.
    """
    for library in ("jinja2", "nanopub", "pyarrow"):
        if find_spec(library) is None:
            raise EngineUnavailable(f"{library} is not installed; install triplomacy[site]")
    restore(plan.output)
    folders.check(plan.output)
    former = _former(plan)
    with folders.replace_folder(plan.output) as folder:
        progress("reads the graphs and derives the views")
        published, last = _read(plan, former, folder.root)
        _fill(plan, published, last, former, folder, progress)
    return len(folder.files)


def _former(plan: SitePlan) -> _Former:
    """Return the former sites: in the folder that is written, and in the one that the plan names."""
    roots = [plan.output] if (plan.output / folders.CHECKSUMS).is_file() else []
    lists = [plan.output] if roots else []
    if plan.previous is not None:
        if plan.previous.is_dir():
            folders.files(plan.previous)
            roots.insert(0, plan.previous)
        lists.append(plan.previous)
    kept: dict[str, tuple[Path, Release]] = {}
    for root in roots:
        for release in releases.list_releases(root):
            kept.setdefault(release.version, (root, release))
    order = sorted(kept, key=releases.order, reverse=True)
    iris = frozenset(iri for path in lists for iri in gone.read(path))
    return _Former(iris, roots, [kept[version] for version in order])


def _read(plan: SitePlan, former: _Former, folder: Path) -> tuple[Publication, Differences | None]:
    """Return the content to publish with its releases, and the changes since the last release if there is one."""
    published = publication.read(plan.project, plan.base)
    kept = [release for _, release in former.releases]
    before = kept[0] if kept else None
    if plan.release:
        before = releases.next_after(releases.check(plan.release), published.version(), kept)
        published = publication.read(
            releases.with_release(plan.project, plan.release, before, scratch(folder)), plan.base
        )
    last = _differences(published, former, before) if before else None
    if plan.release:
        new = _release(plan.release, published, last)
        for release in kept:
            if release.version == new.version and release.sha256 != new.sha256:
                raise TriplomacyError(f"{new.version} has been released with other content; take a later version")
        kept = [new, *(release for release in kept if release.version != new.version)]
    lost = gone.find(published.documents, published.every(), former.iris)
    return replace(published, releases=tuple(kept), gone=lost), last


def _differences(published: Publication, former: _Former, before: Release) -> Differences:
    root = next(root for root, release in former.releases if release.version == before.version)
    return release_diff.compare(releases.graphs(root, before.version), published.graphs, before.version)


def _fill(
    plan: SitePlan,
    published: Publication,
    last: Differences | None,
    former: _Former,
    folder: Folder,
    progress: _Progress,
) -> None:
    """Write all content; for a release also its permanent copy."""
    progress("writes the dumps")
    content.write_dumps(published, folder)
    progress("writes the nanopublications")
    log = former.path(_LOG)
    content.write_nanopublications(published, folder, _key(plan), read_text(log) if log else "", str(log or ""))
    _carry(former, folder)
    _pages(published, last, folder, progress)
    if plan.release:
        progress(f"writes the release {plan.release}")
        _keep(plan, published, last, folder, progress)
    _write_host_files(plan, published, folder)


def _key(plan: SitePlan) -> str | None:
    if plan.key is None:
        return None
    from triplomacy.publish import trusty

    return trusty.read_key(plan.key)


def _pages(
    published: Publication,
    last: Differences | None,
    folder: Folder,
    progress: _Progress,
    data_from: Folder | None = None,
) -> None:
    """Write all pages, data and metadata; data is copied from *data_from* if given."""

    def step(done: int, all_: int) -> None:
        progress(f"writes documents: {done:,} of {all_:,}")

    content.static(folder)
    content.write_documents(published, folder, step, data_from)
    content.lists(published, folder)
    progress("draws the pictures")
    content.pictures(published, folder)
    in_page_queries.write(published, folder)
    answers.write(published, folder, progress)
    if not published.site("search.html").engine:
        progress("leaves out queries in the page: the query engine has not been fetched; run make editor first")
    every = sorted({*published.every(), *published.gone.replaced})
    folder.put(gone.LIST, "".join(f"{iri}\n" for iri in every))
    folder.put(
        "changes.html", pages.changes(published.site("changes.html"), published.dataset, published.releases, last)
    )
    folder.put("changes.atom", feed.atom(published.base, published.releases, _present(published, last)))
    metadata.write(published, folder)


def _write_host_files(plan: SitePlan, published: Publication, folder: Folder) -> None:
    """Write the files for web hosts and robots: ``.htaccess``, 404.html, sitemaps, robots.txt."""
    metadata.maps(published, folder)
    own = "" if plan.base == BASE else plan.base
    folder.put("404.html", pages.not_found(published.at(own)))
    folder.put(".htaccess", redirects.for_host(own))
    folder.put(".nojekyll", "")  # without it GitHub Pages leaves out files
    if own:
        folder.put("w3id.htaccess", redirects.for_w3id(own))


def _present(published: Publication, last: Differences | None) -> Release | None:
    """Return the present state as a release without a version, or None if it equals the last release."""
    if (published.releases and published.releases[0].sha256 == published.sha256) or (last and not last.kinds):
        return None
    return _release("", published, last)


def _release(version: str, published: Publication, last: Differences | None) -> Release:
    """Return the content as a release, with the numbers of changes since the last one."""
    day = next(reversed(published.days()), "")
    before, counts = (last.before, last.counts()) if last else ("", {})
    return Release(version, day, published.sha256, before, counts)


def _carry(former: _Former, folder: Folder) -> None:
    """Copy former releases, and former nanopublications that are not among the present ones."""
    for root, release in former.releases:
        start = f"{releases.FOLDER}{release.version}/"
        for path in folders.files(root):
            if path.startswith(start):
                folder.adopt(path, root / path)
    for root in former.roots:
        for path in folders.files(root):
            if path.startswith("nanopublications/nanopub/") and path not in folder.files:
                folder.adopt(path, root / path)


def _keep(
    plan: SitePlan, published: Publication, last: Differences | None, folder: Folder, progress: _Progress
) -> None:
    """Write the permanent copy of a release: the same data, with pages and metadata for the URL of the copy."""
    start = f"{releases.FOLDER}{plan.release}/"
    if any(path.startswith(start) for path in folder.files):
        return
    copy = replace(
        published, base=f"{published.base}/{releases.FOLDER}{plan.release}", release=plan.release, gone=gone.Gone()
    )
    below = Folder(folder.root / start)
    for path in [path for path in folder.files if path.startswith("dumps/")]:
        below.adopt(path, folder.root / path)
    _pages(copy, last, below, progress, data_from=folder)
    below.put(releases.RECORD, releases.record(published.releases[0]))
    folder.take(start, below)
