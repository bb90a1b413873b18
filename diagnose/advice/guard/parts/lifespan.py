# --- lifespan: a start that fails, or never ends, is told (cause 5) ---


def guarded_lifespan(target: Any, limit: float = 30.0) -> Any:
    """Guards a FastAPI or Starlette application's startup, or a lifespan function, and returns the guarded function.

    Give it the application after it was made: FastAPI before 0.93 ignores FastAPI(lifespan=...) without a word. The
    failure is told with its traceback and raised again, so that uvicorn exits with 3. A startup that takes longer than
    limit seconds is cancelled; one that does not heed that, or blocks the event loop, ends the process with 3.
    """
    router = getattr(target, "router", None)
    if router is None:
        return lambda app: _GuardedLifespan(target, app, limit)
    inner = router.lifespan_context
    if getattr(inner, "_gateway_guard", False):
        return inner

    def lifespan(app: Any) -> _GuardedLifespan:
        return _GuardedLifespan(inner, app, limit)

    setattr(lifespan, "_gateway_guard", True)
    router.lifespan_context = lifespan
    return lifespan


class _GuardedLifespan:
    """The context of one run of the application, entered and left in one task, as task groups demand."""

    def __init__(self, inner: Any, app: Any, limit: float) -> None:
        self.inner, self.app, self.limit = inner, app, limit
        self.context: Any = None
        self.overran = False
        self.entered = threading.Event()

    async def __aenter__(self) -> Any:
        import asyncio

        arguments = (asyncio.get_running_loop(), asyncio.current_task(), threading.get_ident())
        threading.Thread(target=self._watch, args=arguments, name="gateway-guard-startup", daemon=True).start()
        began = time.monotonic()
        try:
            self.context = self.inner(self.app)
            result = await self.context.__aenter__()
        except BaseException as error:
            failure = "startup failed: " + _error_text(error)
            tell("CRITICAL", "lifespan", failure, _traceback(error))
            _state.problems["lifespan"] = lambda: failure  # gunicorn's own ASGI worker serves all the same
            if self.overran and isinstance(error, asyncio.CancelledError):
                raise asyncio.TimeoutError("startup took longer than %g s" % self.limit) from error
            raise
        finally:
            self.entered.set()
        _state.problems.pop("lifespan", None)
        tell("INFO", "lifespan", "startup complete after %.1f s" % (time.monotonic() - began))
        return result

    def _watch(self, loop: Any, task: Any, ident: int) -> None:
        """A thread, since the loop itself may be what hangs."""
        if self.entered.wait(self.limit):
            return
        self.overran = True
        frames = _coroutine_frames(task.get_coro())
        text = "startup has not ended in %g s; it waits at %s"
        tell("CRITICAL", "lifespan", text % (self.limit, _chain_text(frames) if frames else _stands(ident)))
        dump("what the threads and tasks did meanwhile")
        try:
            loop.call_soon_threadsafe(task.cancel)
        except RuntimeError:
            pass
        if not self.entered.wait(5.0):
            tell("CRITICAL", "lifespan", "startup heeds no cancellation: the process is ended with 3")
            os._exit(3)

    async def __aexit__(self, kind: object, error: object, trace: object) -> Any:
        try:
            return await self.context.__aexit__(kind, error, trace)
        except Exception as broken:
            if error is None:
                tell("ERROR", "lifespan", "shutdown failed: " + _error_text(broken))
            else:  # a task group cancels its body when one of its tasks fails, and raises that one's exception here
                tell("CRITICAL", "lifespan", "what the lifespan keeps running has ended by " + _error_text(broken))
            raise
