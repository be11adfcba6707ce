"""The least that FastAPI can do on our server: the ceiling of every figure over HTTP."""

from fastapi import FastAPI, Response

app = FastAPI(openapi_url=None)


@app.get("/")
async def read() -> Response:
    """Answer nothing."""
    return Response(b"{}", media_type="application/json")


@app.post("/")
async def write() -> Response:
    """Answer nothing, and do not look at what was sent."""
    return Response(b"{}", 201, media_type="application/json")
