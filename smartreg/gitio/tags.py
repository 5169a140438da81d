"""Annotated tags: read as Git stores them, and made with the user's own identity and signature."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.interrupts import late_interrupt
from smartreg.core.messages import Message
from smartreg.gitio.faults import translate_os_errors
from smartreg.gitio.history import read_person
from smartreg.gitio.message import CommitMessage, read_trailers
from smartreg.gitio.repo import Repo
from smartreg.gitio.runner import GitFailed, text
from smartreg.gitio.signatures import write_new_file
from smartreg.gitio.turns import hold_lock

_TAG_FORMAT = "%(refname:lstrip=2)%00%(objecttype)%00%(objectname)"
_SIGNATURE = re.compile(rb"^-----BEGIN [A-Z ]+-----$", re.MULTILINE)


class Tag(NamedTuple):
    """A tag. `annotated` ones are objects: `content` is the object's bytes, `target` the id that it names, `message`
    and `trailers` what it says, `day` the tagger's (empty where it names none), `signed` whether it has a
    signature, which is not checked. Of others only `target` is known, which is the ref's own."""

    name: str
    annotated: bool
    oid: str
    target: str
    content: bytes = b""
    message: str = ""
    trailers: tuple[tuple[str, str], ...] = ()
    day: str = ""
    signed: bool = False


def tags(repo: Repo, folder: str) -> list[Tag]:
    """The tags whose names begin with `folder/`, by name."""
    out = text(repo.git.read("for-each-ref", f"--format={_TAG_FORMAT}", f"refs/tags/{folder}"))
    rows = [line.split("\0") for line in out.splitlines()]
    contents = dict(repo.blobs(oid for _, kind, oid in rows if kind == "tag"))
    return [
        _parse_annotated(name, oid, contents[oid]) if kind == "tag" else Tag(name, False, oid, oid)
        for name, kind, oid in rows
    ]


def _parse_annotated(name: str, oid: str, content: bytes) -> Tag:
    heading, _, body = content.partition(b"\n\n")
    headers = dict(reversed([line.partition(" ")[::2] for line in heading.decode("utf-8", "replace").split("\n")]))
    signature = _SIGNATURE.search(body)
    message = (body[: signature.start()] if signature else body).decode("utf-8", "replace").rstrip("\n")
    signed = signature is not None or any(key.startswith("gpgsig") for key in headers)
    text, trailers = read_trailers(message)
    moment = read_person(headers.get("tagger", "")).date
    day = "" if moment is None else moment.date().isoformat()
    return Tag(name, True, oid, headers.get("object", ""), content, text, trailers, day, signed)


def make_tag(repo: Repo, name: str, target: str, message: CommitMessage, *, sign: bool) -> None:
    """Make an annotated tag, signed on request or when the user's settings say so. Raises StateFault, with nothing
    made, if the name is taken, there is no identity, or the signature fails."""
    place = repo.common_dir / "smartreg"
    with translate_os_errors(), hold_lock(repo.common_dir), late_interrupt():
        draft, output = place / f"tag.{os.getpid()}", place / f"tag-said.{os.getpid()}"
        try:
            write_new_file(draft, message)
            output.unlink(missing_ok=True)
            kind = "--sign" if sign else "--annotate"
            options = (kind, "--cleanup=verbatim", f"--file={draft}", "--", name, target)
            repo.git.write(("tag", *options), output, hooks=True)
        except GitFailed as fault:
            raise _refusal(name, fault.said) from None
        finally:
            for file in (draft, output):
                with suppress(OSError):
                    file.unlink()


_ON_REMOTE = "refs/smartreg/remote-tags/"
PATIENCE_S = 120.0


def fetch_tags(repo: Repo, remote: str, folders: Sequence[str]) -> list[str]:
    """Take the tags below these folders from a remote, in place of other ones of the same name; the names of those that
    only this clone has. GitFailed if the remote does not answer."""
    specs = [f"+refs/tags/{folder}/*:{place}{folder}/*" for folder in folders for place in ("refs/tags/", _ON_REMOTE)]
    repo.git.talk_to_remote(("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, *specs), PATIENCE_S)
    here, there = (_refs(repo, place, folders) for place in ("refs/tags/", _ON_REMOTE))
    return sorted(here - there)


def _refs(repo: Repo, place: str, folders: Sequence[str]) -> set[str]:
    patterns = [f"{place}{folder}" for folder in folders]
    return {
        line.removeprefix(place)
        for line in text(repo.git.read("for-each-ref", "--format=%(refname)", *patterns)).splitlines()
    }


def push_tag(repo: Repo, remote: str, name: str) -> bool:
    """Send a tag, and what it leads to. False if the remote has another one of this name. GitFailed if it refuses for
    another reason or does not answer: it may have the tag then all the same."""
    try:
        repo.git.talk_to_remote(("push", "--no-progress", remote, f"refs/tags/{name}:refs/tags/{name}"), PATIENCE_S)
    except GitFailed as fault:
        if "already exists" in fault.said:
            return False
        raise
    return True


def drop_tag(repo: Repo, name: str) -> None:
    """Remove a tag from this clone."""
    output = repo.common_dir / "smartreg" / f"tag-said.{os.getpid()}"
    with translate_os_errors(), hold_lock(repo.common_dir), late_interrupt():
        try:
            repo.git.write(("update-ref", "-d", f"refs/tags/{name}"), output, hooks=False)
        finally:
            with suppress(OSError):
                output.unlink()


def _refusal(name: str, said: str) -> StateFault:
    if "already exists" in said:
        return StateFault(
            Message("the tag {name} already exists", name=name),
            Message("somebody else made it meanwhile: look at it, and try again"),
        )
    return StateFault(
        Message("Git did not make the tag; nothing was changed. It said:\n{said}", said=said),
        Message("mend what Git or the signature complains of (git config user.name, user.signingkey), then try again"),
    )
