"""One shape for every error: `{"error": {"code", "message"}}`. What is forbidden looks like what is missing.

No message tells whether something exists that the caller may not see, and none repeats a fault of ours.
"""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ingestion.webhooks.errors import (
    ConflictingEvent,
    MalformedEvent,
    SignatureRefused,
    UnknownEndpoint,
)
from warehouse.errors import AccessDenied
from warehouse.sessions import QueryRefused, QueryTimedOut, SessionUnavailable

log = logging.getLogger(__name__)


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs and a sentence for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


class ApiError(Exception):
    """An error that the caller is told."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(ApiError):
    """There is no such thing, or the caller may not see it; the answer is the same."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = "There is nothing here for this key.") -> None:
        super().__init__(message)


class Unauthorized(ApiError):
    """No key, a wrong or revoked one, or its owner's access ended."""

    status = 401
    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("Send a valid key as `Authorization: Bearer …`. Keys are issued by the operator.")


class BadRequest(ApiError):
    """A parameter cannot be used; the message names it and what is allowed."""


RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "No key, or one that is not valid"},
    404: {"model": ErrorBody, "description": "Nothing that this key may see"},
    422: {"model": ErrorBody, "description": "A parameter cannot be read"},
    503: {"model": ErrorBody, "description": "The database is busy; try again"},
}
"""The errors that any resource may answer with, for OpenAPI."""

_KNOWN: tuple[tuple[type[Exception], int, str], ...] = (
    (UnknownEndpoint, 404, "not_found"),
    (SignatureRefused, 400, "signature_refused"),
    (MalformedEvent, 400, "malformed_event"),
    (ConflictingEvent, 409, "conflicting_event"),
)


def _answer(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status, headers=headers)


def install_errors(app: FastAPI) -> None:
    """Give this application the one shape of errors."""

    @app.exception_handler(ApiError)
    def told(_: Request, error: ApiError) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return _answer(error.status, error.code, error.message, headers)

    @app.exception_handler(HTTPException)
    def of_the_framework(_: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            missing = NotFound()
            return _answer(404, missing.code, missing.message)
        code = "method_not_allowed" if error.status_code == 405 else "bad_request"
        return _answer(error.status_code, code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        said = [
            f"{'.'.join(str(part) for part in problem['loc'][1:]) or 'request'}: {problem['msg']}"
            for problem in error.errors()
        ]
        return _answer(422, "unreadable_parameter", "; ".join(said))

    for kind, status, code in _KNOWN:

        @app.exception_handler(kind)
        def known(_: Request, error: Exception, status: int = status, code: str = code) -> JSONResponse:
            return _answer(status, code, str(error))

    @app.exception_handler(AccessDenied)
    def ended(_: Request, error: AccessDenied) -> JSONResponse:
        refused = Unauthorized()
        return _answer(refused.status, refused.code, refused.message, {"WWW-Authenticate": "Bearer"})

    @app.exception_handler(SessionUnavailable)
    @app.exception_handler(QueryTimedOut)
    def busy(_: Request, error: Exception) -> JSONResponse:
        return _answer(503, "unavailable", str(error), {"Retry-After": "30"})

    @app.exception_handler(QueryRefused)
    def refused(_: Request, error: QueryRefused) -> JSONResponse:
        # Readers without a grant on a mart come here: for them it does not exist.
        log.info("refused by the database: %s", error)
        missing = NotFound()
        return _answer(404, missing.code, missing.message)

    @app.exception_handler(Exception)
    def fault(_: Request, error: Exception) -> JSONResponse:
        log.exception("a request failed", exc_info=error)
        return _answer(500, "fault", "Something failed on our side; it was written to the log.")
