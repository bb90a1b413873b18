# asgi: /health 503 redis
# asgi: /metrics 200 pool_used{pool="redis"}

import gateway_guard  # the first import
import redis.asyncio
import sqlalchemy
from fastapi import FastAPI, Response
from sqlalchemy.pool import QueuePool

app = FastAPI()
# [
pool = redis.asyncio.BlockingConnectionPool(host="redis", max_connections=50, timeout=2, socket_timeout=2)
store = redis.asyncio.Redis(connection_pool=pool)
engine = sqlalchemy.create_engine("sqlite://", poolclass=QueuePool, pool_size=10, max_overflow=10, pool_timeout=5,
                                  pool_pre_ping=True)

gateway_guard.watch_pool("redis", pool)  # tells at 90 % and when it is used up
gateway_guard.watch_pool("database", engine)
# ]
health = gateway_guard.Health()
health.add("redis", store.ping)
app.add_route("/health", health)


@app.get("/metrics")
def metrics():
    return Response(gateway_guard.metrics(), media_type="text/plain")
