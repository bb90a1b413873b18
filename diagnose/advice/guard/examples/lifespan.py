# asgi-exit: 3
# stderr: gateway-guard lifespan: startup failed: ConnectionError: no redis
# stderr: Traceback (most recent call last):

import gateway_guard  # the first import
import logging
from contextlib import asynccontextmanager
from fastapi import FastAPI


async def start_service():
    raise ConnectionError("no redis")


@asynccontextmanager
async def lifespan(app):
    logging.basicConfig(level=logging.INFO)  # before anything that may fail
    await start_service()
    yield


app = FastAPI()
# [
app.router.lifespan_context = lifespan  # FastAPI(lifespan=lifespan) is ignored before 0.93
gateway_guard.guarded_lifespan(app, limit=30)
# ]
