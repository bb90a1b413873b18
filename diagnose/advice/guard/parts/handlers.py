# --- handlers: an exception handler that cannot throw (cause 7) ---


def exception_handler(request: Any, error: Exception) -> Any:
    """For app.add_exception_handler(Exception, exception_handler): logs the error and answers 500, whatever happens."""
    try:
        logging.getLogger("gateway_guard").error("%s failed", _request_text(request), exc_info=error)
    except Exception as broken:
        tell("ERROR", "handlers", "%s failed: %s; logging it failed: %s" % (
            _request_text(request), _error_text(error), _error_text(broken)))
    return _plain_answer()


def guarded_handlers(app: Any) -> None:
    """Has each exception handler of a FastAPI or Starlette application answer 500 where it throws, and tells both.

    Also those that are added later: Starlette reads them when the first request or the lifespan comes.
    """
    build = app.build_middleware_stack
    if getattr(build, "_gateway_guard", False):
        return

    def build_guarded() -> Any:
        for key, handler in list(app.exception_handlers.items()):
            app.exception_handlers[key] = _guarded_handler(handler)
        return _RequestGuard(build())

    setattr(build_guarded, "_gateway_guard", True)
    app.build_middleware_stack = build_guarded


def _guarded_handler(handler: Any) -> Any:
    import inspect

    if getattr(handler, "_gateway_guard", False):
        return handler

    async def guarded(request: Any, error: Exception) -> Any:
        try:
            return await handler(request, error)
        except Exception as broken:
            return _handler_threw(handler, request, error, broken)

    def guarded_plain(request: Any, error: Exception) -> Any:
        try:
            return handler(request, error)
        except Exception as broken:
            return _handler_threw(handler, request, error, broken)

    is_async = any(map(inspect.iscoroutinefunction, (handler, handler.__call__)))
    answer = guarded if is_async else guarded_plain
    setattr(answer, "_gateway_guard", True)
    return answer


def _handler_threw(handler: Any, request: Any, error: Exception, broken: Exception) -> Any:
    name = getattr(handler, "__qualname__", type(handler).__name__)
    _handlers_failed.append(name)
    text = "exception handler %s threw %s; it was called for %s in %s"
    tell("CRITICAL", "handlers", text % (name, _error_text(broken), _error_text(error), _request_text(request)))
    if getattr(request, "scope", {}).get("type") != "http":
        raise broken  # a websocket has no response
    return _plain_answer()


def _plain_answer() -> Any:
    from importlib import import_module

    answer = import_module("starlette.responses").JSONResponse
    return answer({"detail": "Internal Server Error"}, status_code=500)


def _request_text(request: Any) -> str:
    scope = request if isinstance(request, dict) else getattr(request, "scope", {})
    return "%s %s" % (scope.get("method", scope.get("type", "request")), scope.get("path", "?"))


class _RequestGuard:
    """The outermost ASGI layer: a request that fails is told, also after its response has begun."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "http":
                late = " after its response had begun, the client got a part of it" if _is_late(error) else ""
                text = "request %s failed%s: %s"
                tell("ERROR", "handlers", text % (_request_text(scope), late, _error_text(error.__cause__ or error)))
            raise


def _is_late(error: Exception) -> bool:
    """Whether the client saw a cut answer. Starlette notes that in its outermost layer, which the error has passed."""
    if "response already started" in str(error):
        return True
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith("starlette/middleware/errors.py"):
            return bool(trace.tb_frame.f_locals.get("response_started"))
        trace = trace.tb_next
    return False


_handlers_failed: list[str] = []
if _is_first:
    _state.gauges["handlers_failed"] = lambda: len(_handlers_failed)
