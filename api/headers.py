"""What every answer tells browsers to be careful with; pages that need more say so themselves."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_ENCODED = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]


class Careful:
    """Adds the headers that an answer does not have yet."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and its answer with more headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                has = {name for name, _ in given}
                message["headers"] = given + [one for one in _ENCODED if one[0] not in has]
            await send(message)

        await self._app(scope, receive, sending)
