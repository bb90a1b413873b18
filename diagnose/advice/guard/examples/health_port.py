# asgi: :8081/health 200 healthy

from contextlib import asynccontextmanager

import gateway_guard
from fastapi import FastAPI

health = gateway_guard.Health(limit=4.0)


@asynccontextmanager
async def lifespan(app):
    health.serve(8081)  # its own thread and port: probe http://localhost:8081/health, it answers for a blocked loop
    yield


app = FastAPI()
app.router.lifespan_context = lifespan
