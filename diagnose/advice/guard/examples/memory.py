# asgi: /metrics/memory 200 "rss":
# asgi: /metrics 200 gateway_guard_resident_bytes

import gateway_guard  # the first import; warns at 80 and 90 % of the limit by itself
from fastapi import FastAPI, Response

app = FastAPI()


# [
@app.get("/metrics/memory")
def memory_metrics():
    return gateway_guard.memory()  # bytes: {"rss": ..., "used": ..., "limit": ..., "percent": ...}
# ]


@app.get("/metrics")
def metrics():
    return Response(gateway_guard.metrics(), media_type="text/plain")
