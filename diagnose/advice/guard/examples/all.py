# asgi: /health 200 healthy
# stderr: gateway-guard lifespan: startup complete

import gateway_guard  # the first import: whatever fails below is told
from fastapi import FastAPI

app = FastAPI()
# [
gateway_guard.install(app)  # startup and exception handlers

health = gateway_guard.Health(limit=4.0)
app.add_route("/health", health)
# ]
