# asgi: /health 503 redis
# stderr: gateway-guard health: unhealthy: redis:

import gateway_guard  # the first import
import redis.asyncio
from fastapi import FastAPI

app = FastAPI()
store = redis.asyncio.Redis(host="redis", socket_timeout=2, socket_connect_timeout=2)

# [
health = gateway_guard.Health(limit=4.0)  # below the probe's timeout
health.add("redis", store.ping, limit=2.0, failures=3, recovery=10)  # each with its limit and circuit breaker
app.add_route("/health", health)  # 200, or 503 that says which one and why
# ]
