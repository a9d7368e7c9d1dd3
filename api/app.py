"""Assembles the application: routers, errors, headers, health. Nothing else belongs here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from api.cash_flows.endpoints import router as cash_flows
from api.errors import install_errors
from api.health import check
from api.metrics.endpoints import router as metrics
from api.performance.endpoints import router as performance
from api.vehicles.endpoints import router as vehicles
from api.webhooks.endpoints import router as webhooks
from warehouse.database import Database, open_database
from warehouse.pooled import pooled
from warehouse.sessions import Sessions

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def create_app(database: Database) -> FastAPI:
    """The API over this warehouse. Its pools of connections close when it shuts down."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with closing(pooled(database)) as lending, Sessions(lending) as sessions:
            app.state.database = lending
            app.state.sessions = sessions
            yield
        app.state.database = database

    app = FastAPI(
        title="Capstan API",
        version="1",
        description=(
            "Reads what a key's owner may see, as JSON or, with `Accept: text/csv`, as CSV. Amounts are "
            "exact "
            "decimals written as strings; rates are fractions. Lists go on with the cursor `next`."
        ),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.database = database
    install_errors(app)
    for router in (vehicles, performance, cash_flows, metrics, webhooks):
        app.include_router(router)

    @app.get("/healthz", tags=["health"], summary="Whether the API can reach its database")
    def healthz() -> Any:
        """200 and `ok`, or 503."""
        healthy = check(database)
        return JSONResponse({"status": "ok" if healthy else "unavailable"}, 200 if healthy else 503)

    @app.middleware("http")
    async def headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


def build() -> FastAPI:
    """The API over the warehouse of the environment: `uvicorn --factory api.app:build`."""
    return create_app(open_database(migrate=False))
