# asgi: /work 500 Internal Server Error
# stderr: exception handler report threw TypeError

import gateway_guard  # the first import
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()


class UpstreamError(Exception):
    detail = None


@app.exception_handler(UpstreamError)
async def report(request: Request, error: UpstreamError):
    return JSONResponse({"code": error.detail["code"]}, status_code=502)


@app.get("/work")
async def work():
    raise UpstreamError


# [
app.add_exception_handler(Exception, gateway_guard.exception_handler)  # for all the rest
gateway_guard.guarded_handlers(app)  # a handler that throws answers 500, and both errors are told
# ]
