"""A double of the Hub for the real huggingface_hub and datasets: its protocol, in memory.

    with serve() as hub:
        HfApi(endpoint=hub.url, token=TOKEN).create_repo("house/news", repo_type="dataset")

Holds what a test must be able to see: commits are whole or not there, a commit on another parent
than the head is refused with 412, tags are for ever, large files go through Git LFS. `fail` makes
the next request whose path contains a string end in an error or with a broken connection.
What it does not know it answers with 404 and remembers in `unknown`, so that a client that asks for
something new does not pass by accident.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_of_a_test"
OWNER = "house"
LARGE = 1 << 10
"""Files of so many bytes or more go through LFS (on the Hub 10 MB, and Parquet always)."""


@dataclass
class Repo:
    private: bool
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Commit -> summary and description."""
    head: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes], title: str, description: str = "") -> str:
        said = json.dumps([self.head, title, description]).encode() + b"".join(
            name.encode() + hashlib.sha1(data).digest() for name, data in sorted(files.items())
        )
        oid = hashlib.sha1(said).hexdigest()
        self.commits[oid], self.titles[oid], self.head = files, (title, description), oid
        return oid

    def resolve(self, revision: str) -> str:
        """The commit of a branch, a tag or a commit; "" for none."""
        if revision == "main":
            return self.head
        found = self.tags.get(revision, revision)
        return found if found in self.commits else ""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.unknown: list[str] = []
        self.faults: list[tuple[str, int]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fail(self, part: str, status: int = 400) -> None:
        """End the next request whose line contains `part` so; 0 breaks the connection, 200 is a
        page in place of the Hub's answer."""
        self.faults.append((part, status))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


def _git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _is_large(name: str, data: bytes) -> bool:
    return name.endswith(".parquet") or len(data) >= LARGE


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: object) -> None:
        pass

    # --- answering ----------------------------------------------------------------------------

    def answer(
        self, body: Any = None, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        self.send_response(status)
        for name, value in (given | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def error(self, status: int, code: str = "", message: str = "") -> None:
        headers = {"X-Error-Code": code} if code else {}
        self.answer({"error": message or code}, status, headers | {"X-Error-Message": message})

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding") == "chunked":
            self.body = b""
            while size := int(self.rfile.readline(), 16):
                self.body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            self.body = self.rfile.read(length)
        split = urlsplit(self.path)
        self.query = parse_qs(split.query)
        path = split.path
        line = f"{self.command} {unquote(path)}"
        with self.server.lock:
            self.server.asked.append(line)
            for fault in self.server.faults:
                if fault[0] in line:
                    self.server.faults.remove(fault)
                    if fault[1] == 200:
                        self.answer(b"<html>Back soon</html>", 200, {"Content-Type": "text/html"})
                    elif fault[1]:
                        self.error(fault[1], message="as the test wanted")
                    else:
                        self.close_connection = True
                        self.connection.close()
                    return
            for pattern, name in ROUTES:
                if found := re.fullmatch(pattern, line):
                    getattr(self, name)(*found.groups())
                    return
            self.server.unknown.append(line)
            self.error(404, message=f"the double does not know {line}")

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

    @property
    def writes(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def repo(self, name: str) -> Repo | None:
        repo = self.server.repos.get(name)
        if repo is None or (repo.private and not self.writes):
            nobody = "Authorization" not in self.headers
            hidden = nobody or (repo is None and not self.writes)
            self.error(401 if hidden else 404, "RepoNotFound")
            return None
        return repo

    def files(self, name: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        repo = self.repo(name)
        if repo is None:
            return None
        if not (commit := repo.resolve(revision)):
            self.error(404, "RevisionNotFound", "no such revision")
            return None
        return commit, repo.commits[commit]

    # --- the endpoints ------------------------------------------------------------------------

    def whoami(self) -> None:
        if self.writes:
            self.answer({"type": "user", "name": OWNER, "orgs": [], "auth": {}})
        else:
            self.error(401, message="Invalid username or password.")

    def validate(self) -> None:
        self.answer({"errors": [], "warnings": []})

    def create(self) -> None:
        told = json.loads(self.body)
        name = f"{told.get('organization') or OWNER}/{told['name']}"
        if not self.writes:
            self.error(401, message="Invalid username or password.")
        elif name in self.server.repos:
            self.answer({"error": "You already created this dataset repo"}, 409)
        else:
            private = told.get("private") or told.get("visibility") == "private"
            repo = self.server.repos[name] = Repo(bool(private))
            repo.commit({".gitattributes": b"*.parquet filter=lfs\n"}, "initial commit")
            self.answer({"url": f"{self.server.url}/datasets/{name}", "name": name, "id": "1"})

    def info(self, name: str, revision: str = "main") -> None:
        if found := self.files(name, revision):
            commit, files = found
            siblings = [{"rfilename": path} for path in sorted(files)]
            about = {"id": name, "sha": commit, "private": self.server.repos[name].private}
            more = {"siblings": siblings, "tags": [], "downloads": 0, "likes": 0}
            self.answer(about | more | {"gated": False, "disabled": False})

    def refs(self, name: str) -> None:
        if repo := self.repo(name):
            branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.head}]
            tags = [
                {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": commit}
                for tag, commit in repo.tags.items()
            ]
            self.answer({"branches": branches, "tags": tags, "converts": []})

    def entry(self, path: str, data: bytes) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(data)}
        entry["oid"] = _git_oid(data)
        if _is_large(path, data):
            sha256 = hashlib.sha256(data).hexdigest()
            entry["lfs"] = {"oid": sha256, "size": len(data), "pointerSize": 130}
        return entry

    def tree(self, name: str, revision: str, folder: str = "") -> None:
        if not (found := self.files(name, revision)):
            return
        start = f"{folder.strip('/')}/" if folder.strip("/") else ""
        inside = {p: d for p, d in found[1].items() if p.startswith(start)}
        if start and not inside:
            self.error(404, "EntryNotFound", "no such folder")
            return
        deep = self.query.get("recursive", ["false"])[0].lower() in ("true", "1")
        entries, folders = [], set()
        for path, data in sorted(inside.items()):
            parts = path.removeprefix(start).split("/")
            folders |= {start + "/".join(parts[:n]) for n in range(1, len(parts))}
            if deep or len(parts) == 1:
                entries.append(self.entry(path, data))
        shown = folders if deep else {f for f in folders if "/" not in f.removeprefix(start)}
        entries += [
            {"type": "directory", "path": f, "oid": _git_oid(f.encode()), "size": 0}
            for f in sorted(shown)
        ]
        self.answer(entries)

    def paths_info(self, name: str, revision: str) -> None:
        if found := self.files(name, revision):
            if self.headers.get("Content-Type", "").startswith("application/json"):
                wanted = json.loads(self.body)["paths"]
            else:
                wanted = parse_qs(self.body.decode())["paths"]
            answer = []
            for path in wanted:
                if path in found[1]:
                    answer.append(self.entry(path, found[1][path]))
                elif any(p.startswith(f"{path}/") for p in found[1]):
                    answer.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
            self.answer(answer)

    def preupload(self, name: str, revision: str) -> None:
        if found := self.files(name, revision):
            files = []
            for file in json.loads(self.body)["files"]:
                path, there = file["path"], found[1].get(file["path"])
                large = path.endswith(".parquet") or file["size"] >= LARGE
                told = {"path": path, "uploadMode": "lfs" if large else "regular"}
                told["shouldIgnore"] = False
                if there is not None:
                    sha256 = hashlib.sha256(there).hexdigest()
                    told["oid"] = sha256 if _is_large(path, there) else _git_oid(there)
                files.append(told)
            self.answer({"files": files, "commitOid": found[0]})

    def batch(self, name: str) -> None:
        if not self.writes or name not in self.server.repos:
            self.error(403, message="this token may not write")
            return
        objects = []
        for wanted in json.loads(self.body)["objects"]:
            href = f"{self.server.url}/lfs/{wanted['oid']}"
            there = wanted["oid"] in self.server.large
            actions = {} if there else {"actions": {"upload": {"href": href, "header": {}}}}
            objects.append(wanted | actions)
        answer = {"transfer": "basic", "objects": objects}
        self.answer(answer, headers={"Content-Type": "application/vnd.git-lfs+json"})

    def put_large(self, oid: str) -> None:
        if hashlib.sha256(self.body).hexdigest() != oid:
            self.error(400, message="another content")
            return
        self.server.large[oid] = self.body
        self.answer(b"")

    def commit(self, name: str, revision: str) -> None:
        repo = self.repo(name)
        if repo is None:
            return
        if not self.writes:
            self.error(403, message="this token may not write")
            return
        header, *operations = (json.loads(line) for line in self.body.splitlines())
        if header["value"].get("parentCommit", repo.head) != repo.head:
            self.error(412, message="A commit has happened since. Please refresh and try again.")
            return
        files = dict(repo.commits[repo.head])
        for operation in operations:
            kind, value = operation["key"], operation["value"]
            if kind == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif kind == "lfsFile":
                if value["oid"] not in self.server.large:
                    self.error(400, message="an LFS object is missing")
                    return
                files[value["path"]] = self.server.large[value["oid"]]
            elif kind == "deletedFile":
                if files.pop(value["path"], None) is None:
                    self.error(404, "EntryNotFound", "A file with this name doesn't exist")
                    return
            else:
                self.error(400, message=f"the double does not know {kind}")
                return
        oid = repo.commit(files, header["value"]["summary"], header["value"]["description"])
        url = f"{self.server.url}/datasets/{name}/commit/{oid}"
        self.answer({"commitOid": oid, "commitUrl": url, "success": True})

    def tag(self, name: str, revision: str) -> None:
        if repo := self.repo(name):
            tag = json.loads(self.body)["tag"]
            if not self.writes:
                self.error(403, message="this token may not write")
            elif tag in repo.tags:
                self.error(409, message="Tag already exists")
            elif not (commit := repo.resolve(revision)):
                self.error(404, "RevisionNotFound", "no such revision")
            else:
                repo.tags[tag] = commit
                self.answer({})

    def file(self, name: str, revision: str, path: str) -> None:
        if not (found := self.files(name, revision)):
            return
        commit, files = found
        if path not in files:
            headers = {"X-Repo-Commit": commit, "X-Error-Code": "EntryNotFound"}
            self.answer({"error": "Entry not found"}, 404, headers)
            return
        data = files[path]
        large = _is_large(path, data)
        etag = hashlib.sha256(data).hexdigest() if large else _git_oid(data)
        headers = {
            "Content-Type": "application/octet-stream",
            "ETag": f'"{etag}"',
            "X-Repo-Commit": commit,
            "Accept-Ranges": "bytes",
        }
        if large:
            headers |= {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(data))}
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(found[1]), min(int(found[2] or len(data) - 1), len(data) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
            self.answer(data[start : end + 1], 206, headers)
        else:
            self.answer(data, 200, headers)


_NAME = r"/api/datasets/([^/]+/[^/]+)"
ROUTES = [
    (r"GET /api/whoami-v2", "whoami"),
    (r"POST /api/validate-yaml", "validate"),
    (r"POST /api/repos/create", "create"),
    (rf"GET {_NAME}", "info"),
    (rf"GET {_NAME}/revision/(.+)", "info"),
    (rf"GET {_NAME}/refs", "refs"),
    (rf"GET {_NAME}/tree/([^/]+)", "tree"),
    (rf"GET {_NAME}/tree/([^/]+)/(.+)", "tree"),
    (rf"POST {_NAME}/paths-info/([^/]+)", "paths_info"),
    (rf"POST {_NAME}/preupload/([^/]+)", "preupload"),
    (rf"POST {_NAME}/commit/([^/]+)", "commit"),
    (rf"POST {_NAME}/tag/([^/]+)", "tag"),
    (r"POST /datasets/([^/]+/[^/]+)\.git/info/lfs/objects/batch", "batch"),
    (r"PUT /lfs/([0-9a-f]{64})", "put_large"),
    (r"(?:GET|HEAD) /datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", "file"),
]
"""Method and path -> the handler's method; the groups are its arguments."""


@contextmanager
def serve() -> Generator[Server]:
    """The double on a free port of this machine, until the block ends."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
