"""Requests to a Label Studio server: who asks, for how long, and what a failure means.

**A time-out on every request**, and one exception hierarchy (`errors`). Requests are made with
httpx. The one module that imports the SDK (label-studio-sdk 2.1.2), and only to exchange a personal
access token: importing its client takes 1.2 s and 190 MB against 0.12 s for httpx, its retries
duplicate tasks, and its models cannot express every prediction.
"""

from __future__ import annotations

import html
import ipaddress
import re
import time
from collections.abc import Collection, Generator, Mapping
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx
import msgspec

from onrecord import ledger
from onrecord.labelling.errors import (
    BadToken,
    NoServer,
    RoomError,
    ServerFailed,
    ServerRefused,
    StrangeAnswer,
)

READ_TIMEOUT: Final = 60.0
"""Seconds that an answer may take, unless a request says otherwise."""

_PAUSES: Final = (1.0, 3.0)
"""Seconds before what only reads is asked again, where the server failed: SQLite that was locked
for 5 s is a 500, a proxy whose server restarts a 502."""


class Server:
    """An address and the account of one token, checked when it is made.

    `json` and `send` are the one way to the API; `Visitor` is a person's, by forms. Raises
    NoServer, BadToken, ServerRefused (not a Label Studio), ServerFailed, at any request.
    """

    def __init__(self, url: str, token: str, *, timeout: float = READ_TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._access: tuple[str, float] = ("", 0.0)
        self._http = _client(self.url, httpx.Timeout(timeout, connect=10.0))
        try:
            me = _object(self._sent("GET", "/api/current-user/whoami"), ("email",))
        except BaseException as error:
            self.close()
            if isinstance(error, ServerRefused) and error.status == 404:
                raise ServerRefused(f"{self.url} is not a Label Studio server", 404) from None
            if isinstance(error, StrangeAnswer):
                raise ServerRefused(
                    f"{self.url} is not a Label Studio server: {error}", error.status
                ) from None
            raise
        self.email: str = me["email"]

    def __repr__(self) -> str:
        return f"Server(url={self.url!r}, email={getattr(self, 'email', '')!r})"

    def close(self) -> None:
        """Close the connections; the server cannot be asked any more."""
        self._http.close()

    @property
    def timeout(self) -> httpx.Timeout:
        """How long an answer may take."""
        return self._http.timeout

    def json(self, method: str, path: str, **options: Any) -> Any:
        """What the server answers, decoded; options as those of `send`."""
        return _decoded(self.send(method, path, **options))

    def object(self, method: str, path: str, *fields: str, **options: Any) -> dict[str, Any]:
        """An answer that is an object with these fields. Raises StrangeAnswer for another."""
        return _object(self.send(method, path, **options), fields)

    def rows(self, method: str, path: str, **options: Any) -> list[Any]:
        """An answer that is an array. Raises StrangeAnswer for another."""
        answer = self.send(method, path, **options)
        told = _decoded(answer)
        if not isinstance(told, list):
            raise _strange(answer)
        return told

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The one way to the API: authenticates, times out, turns failures into our errors.

        What only reads is asked again before a failure of the server counts. `options` are
        `params`, `json` (what is sent), `token` (another account's) and `timeout` (in seconds).
        """
        for pause in _PAUSES if method == "GET" else ():
            try:
                return self._sent(method, path, **options)
            except StrangeAnswer:
                raise
            except ServerFailed:
                time.sleep(pause)
        return self._sent(method, path, **options)

    def _sent(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        token: str = "",
        timeout: float | None = None,
    ) -> httpx.Response:
        headers = {}
        content = None
        if json is not None:
            content = msgspec.json.encode(json)
            headers["Content-Type"] = "application/json"
        answer = _ask(
            self._http,
            self.url,
            method,
            path,
            params=params,
            content=content,
            headers=headers,
            auth=_Authorization(self._authorization(token or self._token)),
            **({} if timeout is None else {"timeout": httpx.Timeout(timeout, connect=10.0)}),
        )
        answer = _checked(self.url, answer)
        if answer.headers.get("Content-Type", "").startswith("text/html"):  # never of the API
            raise _strange(answer)
        return answer

    def gone(self, path: str, timeout: float | None = None) -> bool:
        """Delete; return False when it was gone already, because another push was faster."""
        try:
            self.send("DELETE", path, timeout=timeout)
        except ServerRefused as error:
            if error.status != 404:
                raise
            return False
        return True

    def _authorization(self, token: str) -> str:
        if token.count(".") != 2:
            return f"Token {token}"
        # A personal access token is a JWT that buys access tokens of 300 s.
        access, until = self._access
        if not access or time.monotonic() > until:
            access = self._exchange(token)
            self._access = (access, time.monotonic() + 240.0)
        return f"Bearer {access}"

    def _exchange(self, token: str) -> str:
        try:
            from label_studio_sdk.client import LabelStudio
            from label_studio_sdk.core.api_error import ApiError
        except ImportError:
            raise RoomError(
                "a personal access token needs the Label Studio SDK",
                "pip install label-studio-sdk, or use a legacy token",
            ) from None
        try:
            sdk = LabelStudio(
                base_url=self.url, api_key=token, httpx_client=self._http, max_retries=0
            )
            return sdk.tokens.refresh(refresh=token).access
        except ApiError as error:
            if (error.status_code or 0) >= 500:
                raise ServerFailed(
                    f"the server failed ({error.status_code}) over the access token",
                    error.status_code or 0,
                ) from None
            raise BadToken(
                f"{self.url} does not accept the personal access token", "make a new one"
            ) from None
        except httpx.HTTPError:
            raise NoServer(f"nothing answers at {self.url}", sent=False) from None


class _Authorization(httpx.Auth):
    """The header that says who asks, out of sight of whatever prints a call's arguments."""

    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._value
        yield request


class Visitor:
    """Somebody with a browser: cookies instead of a token. Use as a context manager."""

    def __init__(self, url: str, timeout: float | httpx.Timeout = READ_TIMEOUT) -> None:
        self.url = url
        self._http = _client(url, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def log_in(self, email: str, password: str) -> bool:
        """Whether the account lets itself in with this password."""
        return not self.form("/user/login/", {"email": email, "password": password})

    def form(self, path: str, fields: Mapping[str, str]) -> str:
        """Fill in a form of Django's; return "" when it was accepted, else its complaint."""
        _checked(self.url, _ask(self._http, self.url, "GET", path))
        answer = _ask(
            self._http,
            self.url,
            "POST",
            path,
            data={**fields, "csrfmiddlewaretoken": self._http.cookies.get("csrftoken", "")},
            headers={"Referer": self.url + path.partition("?")[0]},
        )
        if answer.is_redirect:
            return ""
        _checked(self.url, answer)
        return _form_error(answer.text)

    def own_token(self) -> str:
        """The API token of the account that is logged in."""
        answer = _ask(self._http, self.url, "GET", "/api/current-user/token")
        return str(_object(_checked(self.url, answer), ("token",))["token"])


# -- the wire --------------------------------------------------------------------------------


def _client(url: str, timeout: float | httpx.Timeout) -> httpx.Client:
    # A proxy from the environment is for the outside world, not for loopback.
    return httpx.Client(trust_env=not _is_loopback(url), timeout=timeout)


def _ask(
    client: httpx.Client, server: str, method: str, path: str, **options: Any
) -> httpx.Response:
    """The answer, whatever it says. Raises NoServer where there is none."""
    try:
        return client.request(method, server + path, **options)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise NoServer(f"nothing answers at {server}", sent=False) from None
    except httpx.TimeoutException:
        raise NoServer(f"{server} did not answer in time", sent=True, timed_out=True) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise ServerRefused(f"not an address of a server: {server!r}", 0) from None
    except httpx.HTTPError as error:
        raise NoServer(
            f"the connection to {server} broke ({type(error).__name__})", sent=True
        ) from None


def _checked(server: str, answer: httpx.Response) -> httpx.Response:
    """The answer, if the server did as asked; else BadToken, ServerRefused or ServerFailed."""
    status = answer.status_code
    if status < 400 and not answer.is_redirect:
        return answer
    if status == 401:
        raise BadToken(
            f"{server} does not accept the token",
            "check LABEL_STUDIO_API_KEY, or `onrecord studio up` for the root's own server",
        )
    request = answer.request
    what = f"{request.method} {request.url.path}"
    if status >= 500 or status == 429:  # "too many requests" is over after a while, too
        raise ServerFailed(f"the server failed ({status}) on {what}: {_words(answer)}", status)
    if answer.is_redirect:
        where = answer.headers.get("Location", "")
        raise ServerRefused(
            f"{server} sends {what} on to {where}", status, "is this the address of a Label Studio?"
        )
    raise ServerRefused(f"the server refused ({status}) {what}: {_words(answer)}", status)


def _decoded(answer: httpx.Response) -> Any:
    try:
        return ledger.decoded(answer.content, object)
    except msgspec.DecodeError:
        raise _strange(answer) from None


def _object(answer: httpx.Response, fields: Collection[str]) -> dict[str, Any]:
    told = _decoded(answer)
    if not isinstance(told, dict) or not told.keys() >= set(fields):
        raise _strange(answer)
    return told


def _strange(answer: httpx.Response) -> StrangeAnswer:
    """The error for a success that is not the API's, with the title of a page."""
    try:
        ledger.decoded(answer.content, object)
        kind = "other JSON than Label Studio's"
    except msgspec.DecodeError:
        kind = "something that is not JSON"
        if title := _title(answer):
            kind += f" ({title})"
    what = f"{answer.request.method} {answer.request.url.path}"
    return StrangeAnswer(f"{what} was answered with {kind}", answer.status_code)


def _title(answer: httpx.Response) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL | re.IGNORECASE)
    return html.unescape(found[1].strip())[:200] if found else ""


def _words(answer: httpx.Response) -> str:
    """Return what the server said, short, without a traceback."""
    try:
        body = ledger.decoded(answer.content, object)
    except msgspec.DecodeError:
        return _title(answer) or answer.reason_phrase
    if not isinstance(body, dict):
        return str(body)[:500]
    said = [str(body.get("detail") or "")]
    for name, problems in (body.get("validation_errors") or {}).items():
        words = problems if isinstance(problems, list) else [problems]
        said.append(f"{name}: {' '.join(str(word) for word in words)}")
    return "; ".join(part for part in said if part)[:500] or answer.reason_phrase


def _form_error(page: str) -> str:
    """Return the form's own complaint, as far as the page shows it."""
    found = re.findall(r'<p class="[^"]*error[^"]*"[^>]*>(.*?)</p>', page, re.DOTALL)
    found += re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', page, re.DOTALL)
    found += re.findall(r"User with this email already exists", page)
    words = [html.unescape(re.sub(r"<[^>]+>|\s+", " ", part)).strip() for part in found]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "the form was not accepted"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
