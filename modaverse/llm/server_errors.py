"""What a server's refusals and failures mean, and whether the request may be sent again."""

from __future__ import annotations

from typing import Any

from modaverse.errors import LLMError, ModaVerseError, RequestError

__all__ = ["explained", "refused_parameter", "refuses_tools", "wait_wanted"]

# Parameters a server may refuse, and the name it may know them by instead (None: leave it out).
_REPLACEMENTS: dict[str, str | None] = {
    "max_tokens": "max_completion_tokens",
    "temperature": None,
    "top_p": None,
    "seed": None,
}
_LONGEST_QUOTE = 300  # characters of the server's own words


def refuses_tools(error: Exception) -> bool:
    """Whether the server refused a request because it came with tools."""
    said = _said(error).lower()
    return _status(error) >= 400 and _status(error) not in (401, 403, 429) and "tool" in said


def refused_parameter(error: Exception) -> tuple[str, str | None] | None:
    """The sampling parameter that the server refused, and the name to send it under instead."""
    if _status(error) not in (400, 422):
        return None
    named = getattr(error, "param", None)
    if named not in _REPLACEMENTS:
        named = next((name for name in _REPLACEMENTS if f"'{name}'" in _said(error)), None)
    return None if named is None else (named, _REPLACEMENTS[named])


def wait_wanted(error: LLMError) -> float | None:
    """Seconds after which the server wants to be asked again; None if it did not say."""
    headers = getattr(getattr(error.__cause__, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def explained(error: Exception, base_url: str, model: str, timeout: float) -> ModaVerseError:
    """The typed error for what went wrong between us and the server."""
    status = _status(error)
    if status:
        return _refusal(status, _said(error), base_url, model)
    kind = type(error).__name__
    if "Timeout" in kind:
        return LLMError(
            f"{base_url} did not answer within {timeout:g} s",
            retryable=True,
            hint="raise timeout, or see whether the server is busy",
        )
    if "Connection" in kind:
        return LLMError(
            f"{base_url} cannot be reached: {_cause(error)}",
            retryable=True,
            hint="start the server, or check the address; it often ends in /v1",
        )
    return LLMError(
        f"{base_url} gave an answer that cannot be read: {_said(error)}",
        retryable=True,
        hint="check that the address is that of an OpenAI-compatible API; it often ends in /v1",
    )


def _refusal(status: int, said: str, base_url: str, model: str) -> ModaVerseError:
    told = f"{base_url} answered {status}: {said}"
    lower = said.lower()
    if status in (400, 413, 422) and "context" in lower and ("length" in lower or "size" in lower):
        return RequestError(
            f"the request is too long for {model!r}: {said}", hint="shorten the request"
        )
    if status in (401, 403):
        return LLMError(told, hint="set MODAVERSE_API_KEY to a key of this server")
    if status == 404:
        return LLMError(told, hint=f"check that it has the model {model!r} and ends in /v1")
    retryable = status in (408, 409, 425, 429) or status >= 500
    hint = "ask again a little later" if retryable else "see the server's own log"
    return LLMError(told, retryable=retryable, hint=hint)


def _status(error: Exception) -> int:
    status: Any = getattr(error, "status_code", None)
    return status if isinstance(status, int) else 0


def _said(error: Exception) -> str:
    """The server's own words, on one line."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    words = " ".join(str(message or getattr(error, "message", "") or error).split())
    return words[:_LONGEST_QUOTE]


def _cause(error: BaseException) -> str:
    """The innermost reason, which names the refused connection or the unknown host."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
