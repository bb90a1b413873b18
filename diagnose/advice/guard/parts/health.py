# --- health: an answer within its limit, whatever hangs, and one that says what is wrong (causes 2 and 9) ---


class _Dependency:
    """One thing that the service needs, with its own limit and a circuit breaker."""

    def __init__(self, name: str, check: Callable[[], Any], limit: float, critical: bool,
                 failures: int, recovery: float) -> None:
        self.name, self.check, self.limit, self.critical = name, check, limit, critical
        self.failures, self.recovery = failures, recovery
        self.failed = 0  # in a row
        self.opened = 0.0  # when the circuit opened; 0 = it is closed
        self.trying = False  # half-open: one call tries whether it is back
        self.pending: Any = None  # a call that was given up and has not ended
        self.error = ""
        self.took = 0.0

    def refuses(self) -> str:
        """Why it is not asked now; "" where it is. After the recovery time one call at a time may try."""
        if self.pending is not None and not self.pending.done():
            return "an earlier check still hangs; before: " + (self.error or "no answer")
        wait = self.opened + self.recovery - time.monotonic() if self.opened else 0.0
        if wait > 0:
            return "circuit open, asked again in %.0f s: %s" % (wait, self.error)
        if self.opened and self.trying:
            return "circuit half-open, one call is trying: " + self.error
        self.trying = bool(self.opened)
        return ""

    def ended(self, error: str, took: float) -> str:
        self.took, self.trying = took, False
        if not error:
            if self.opened:
                tell("INFO", "health", "%s answers again, its circuit is closed" % self.name)
            self.failed, self.opened, self.error = 0, 0.0, ""
            return ""
        self.failed, self.error = self.failed + 1, error
        if self.failed >= self.failures:
            if not self.opened:
                text = "%s failed %d times in a row, its circuit opens for %g s: %s"
                tell("ERROR", "health", text % (self.name, self.failed, self.recovery, error))
            self.opened = time.monotonic()
        return error


class Health:
    """The service's health check: ASGI application, WSGI application (wsgi) and a server of its own (serve).

    It answers 200 or 503 with JSON within limit seconds, also where a dependency hangs in a thread, swallows its
    cancellation or throws. Only serve also answers for an event loop that is blocked: no code in that loop can.
    """

    def __init__(self, limit: float = 4.0) -> None:
        self.limit = limit
        self.dependencies: list[_Dependency] = []
        self._was: str | None = None
        self._since = time.monotonic()
        self._told_slow = 0.0
        self._loop: Any = None
        self._loop_thread = 0
        self._asked = False
        self._made = time.monotonic()
        _every(self._watch_for_probes)
        _state.at_stop.append(self._tell_unprobed_until_stop)
        _start_thread()

    def _watch_for_probes(self) -> float:
        """Tells once where no probe comes: one of the wrong port or with a missing tool never reaches the service."""
        wait = self._made + setting("PROBED_WITHIN", 90.0) - time.monotonic()
        if wait > 0:
            return wait
        if not self._asked:
            self._tell_unprobed("in the first %g s" % setting("PROBED_WITHIN", 90.0))
        return 1e6

    def _tell_unprobed(self, when: str) -> None:
        why = "the probe asks elsewhere, cannot run, or there is none"
        tell("WARNING", "health", "nobody has asked for the health check %s: %s" % (when, why))

    def _tell_unprobed_until_stop(self) -> None:
        """Whoever watches the probes may stop the service before that time is up."""
        up = time.monotonic() - self._made
        if not self._asked and 3.0 < up < setting("PROBED_WITHIN", 90.0):
            self._tell_unprobed("until the stop, %.0f s after the start" % up)

    def add(self, name: str, check: Callable[[], Any], limit: float = 2.0, critical: bool = True,
            failures: int = 3, recovery: float = 10.0) -> None:
        """Adds a dependency: a coroutine function, or a plain one, which then runs in a thread. It fails by raising.

        One that is not critical makes the service "degraded", which is still 200. After so many failures in a row its
        circuit opens: for recovery seconds it is not asked, then one call tries.
        """
        self.dependencies.append(_Dependency(name, check, limit, critical, failures, recovery))

    async def check(self) -> tuple[int, dict[str, Any]]:
        """The status code and the body, within the limit. Never raises (but for the cancellation of the caller)."""
        try:
            import asyncio

            self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
            began = time.monotonic()
            asked = [(d, asyncio.ensure_future(_ask(d))) for d in self.dependencies]
            if asked:
                await asyncio.wait([task for _, task in asked], timeout=self.limit)
            for _, task in asked:
                task.add_done_callback(_look_at)
            late = "no answer in %.1f s" % self.limit
            errors = {d.name: task.result() if task.done() else late for d, task in asked}
            return self._answer(errors, time.monotonic() - began)
        except Exception as error:
            return self._broken(_error_text(error))

    def check_in_threads(self) -> tuple[int, dict[str, Any]]:
        """The same for a program without an event loop."""
        try:
            began = time.monotonic()
            asked = [(d, _in_thread(lambda d=d: _ask_blocking(d))) for d in self.dependencies]  # type: ignore[misc]
            errors = {}
            for dependency, future in asked:
                try:
                    errors[dependency.name] = future.result(max(0.0, began + self.limit - time.monotonic()))
                except Exception as error:
                    text = _error_text(error) if future.done() else "no answer in %.1f s" % self.limit
                    errors[dependency.name] = text
            return self._answer(errors, time.monotonic() - began)
        except Exception as error:
            return self._broken(_error_text(error))

    def _answer(self, errors: dict[str, str], took: float) -> tuple[int, dict[str, Any]]:
        self._asked = True
        problems = {}
        for name, ask in list(_state.problems.items()):
            text = ask()
            if text:
                problems[name] = text
        critical = {d.name for d in self.dependencies if d.critical}
        bad = [name for name in errors if errors[name] and name in critical] + [n for n in problems if n != "logging"]
        status = "unhealthy" if bad else "degraded" if problems or any(errors.values()) else "healthy"
        wrong = ["%s: %s" % item for item in list(errors.items()) + list(problems.items()) if item[1]]
        self._tell_change(status, "; ".join(wrong))
        self._tell_slow(took)
        checks = {}
        for d in self.dependencies:
            error = _without_password(errors[d.name])
            checks[d.name] = {"ok": not error, "ms": round(d.took * 1000, 1), "error": error}
        body: dict[str, Any] = {"status": status, "checks": checks, "problems": problems, "ms": round(took * 1000, 1)}
        return 503 if bad else 200, body

    def _broken(self, why: str) -> tuple[int, dict[str, Any]]:
        self._tell_change("unhealthy", why)
        return 503, {"status": "unhealthy", "reason": _without_password(why)}

    def _tell_change(self, status: str, why: str) -> None:
        if status == self._was or (self._was is None and status == "healthy"):
            self._was = status
            return
        lasted = time.monotonic() - self._since
        self._was, self._since = status, time.monotonic()
        if status == "healthy":
            tell("INFO", "health", "healthy again after %.1f s" % lasted)
        else:
            tell("ERROR" if status == "unhealthy" else "WARNING", "health", "%s: %s" % (status, why))

    def _tell_slow(self, took: float) -> None:
        now = time.monotonic()
        if took > self.limit / 2 and now - self._told_slow > 60:
            self._told_slow = now
            slowest = max(self.dependencies, key=lambda d: d.took)
            text = "the check took %.1f s of its %.1f s, %s %.1f s of them"
            tell("WARNING", "health", text % (took, self.limit, slowest.name, slowest.took))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The check as an ASGI application: app.add_route("/health", health) or app.mount("/health", health)."""
        if scope["type"] != "http":
            return
        code, body = await self.check()
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": _json(body)})

    def wsgi(self, environ: Any, start_response: Any) -> list[bytes]:
        """The check as a WSGI application, for Flask, Django and gunicorn's own workers."""
        code, body = self.check_in_threads()
        phrase = "200 OK" if code == 200 else "503 Service Unavailable"
        start_response(phrase, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [_json(body)]

    def serve(self, port: int, host: str = "0.0.0.0") -> bool:
        """Answers on a port of its own, from a thread: with 503 and the line that blocks it for a blocked event loop.

        Call it where the event loop runs (in the lifespan), or in a program without one. Of several workers the first
        gets the port. Returns False, and tells, where it cannot be had.
        """
        import errno
        import socket

        try:
            import asyncio

            self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
        except RuntimeError:
            pass
        try:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(16)
            threading.Thread(target=self._accept, args=(listener,), name="gateway-guard-health", daemon=True).start()
            return True
        except (OSError, RuntimeError) as error:
            # Not in the kernel's words where the port is taken: they tell of a service that could not start for it.
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "it is another's, mostly another worker's, which answers there" if taken else str(error)
            tell("WARNING", "health", "port %d cannot be had: %s" % (port, why))
            return False

    def _accept(self, listener: Any) -> None:
        room = threading.Semaphore(8)
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                time.sleep(0.5)  # out of descriptors
                continue
            if not room.acquire(blocking=False):
                connection.close()
                continue
            try:
                arguments = (connection, room)
                threading.Thread(target=self._reply, args=arguments, name="gateway-guard-health", daemon=True).start()
            except RuntimeError:
                self._reply(connection, room)

    def _reply(self, connection: Any, room: Any) -> None:
        try:
            connection.settimeout(2.0)
            request = b""
            while b"\r\n\r\n" not in request and len(request) < 8192:
                piece = connection.recv(4096)
                if not piece:
                    break
                request += piece
            code, body = self.check_from_outside()
            data = _json(body)
            head = "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            phrase = "200 OK" if code == 200 else "503 Service Unavailable"
            connection.sendall((head % (phrase, len(data))).encode() + (b"" if request.startswith(b"HEAD ") else data))
        except Exception:
            _state.counts["guard_errors"] += 1  # the prober has gone away
        finally:
            room.release()
            connection.close()

    def check_from_outside(self) -> tuple[int, dict[str, Any]]:
        """The check, asked from another thread than the loop's; a loop that does not answer in time is unhealthy."""
        if self._loop is None:
            return self.check_in_threads()
        import asyncio

        coroutine = self.check()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError as error:
            coroutine.close()
            return self._broken(str(error))
        try:
            return future.result(self.limit)
        except Exception as error:
            if future.done() and not future.cancelled():
                return self._broken(_error_text(error))
            future.cancel()
            frame = sys._current_frames().get(self._loop_thread)
            stands = _chain_text(_thread_frames(frame)) if frame is not None else "nowhere"
            return self._broken("the event loop has not answered in %.1f s; it is at %s" % (self.limit, stands))


async def _ask(dependency: _Dependency) -> str:
    """What is wrong with a dependency, "" where nothing is. A call that overruns is cancelled and not waited for:

    asyncio.wait_for would wait until it has ended, and one that swallows the cancellation never does.
    """
    import asyncio
    import inspect

    refused = dependency.refuses()
    if refused:
        return refused
    began = time.monotonic()
    if inspect.iscoroutinefunction(dependency.check):
        call = asyncio.ensure_future(dependency.check())
    else:
        call = asyncio.ensure_future(_await_thread(_in_thread(dependency.check)))
    dependency.pending = call
    await asyncio.wait([call], timeout=dependency.limit)
    took = time.monotonic() - began
    if not call.done():
        call.cancel()
        call.add_done_callback(_look_at)
        return dependency.ended("no answer in %.1f s" % dependency.limit, took)
    dependency.pending = None
    if call.cancelled():
        return dependency.ended("its check was cancelled", took)
    error = call.exception()
    return dependency.ended(_error_text(error) if error is not None else "", took)


async def _await_thread(future: Any) -> None:
    import asyncio
    import inspect

    result = await asyncio.wrap_future(future)
    if inspect.isawaitable(result):  # a plain function that only makes a coroutine: redis.asyncio's ping
        await result


def _ask_blocking(dependency: _Dependency) -> str:
    import inspect

    refused = dependency.refuses()
    if refused:
        return refused
    began = time.monotonic()

    def run() -> None:
        result = dependency.check()
        if inspect.isawaitable(result):
            import asyncio

            async def wait() -> None:
                await result

            asyncio.run(wait())

    future = _in_thread(run)
    dependency.pending = future
    try:
        future.result(dependency.limit)
    except Exception as error:
        text = _error_text(error) if future.done() else "no answer in %.1f s" % dependency.limit
        return dependency.ended(text, time.monotonic() - began)
    dependency.pending = None
    return dependency.ended("", time.monotonic() - began)


def _in_thread(run: Callable[[], Any]) -> Any:
    """Runs a function in a daemon thread of its own, which may hang without holding up anything; returns a Future."""
    from concurrent.futures import Future

    future: Any = Future()

    def work() -> None:
        try:
            result = run()
        except BaseException as error:
            if not future.cancelled():
                future.set_exception(error)
            return
        if not future.cancelled():
            future.set_result(result)

    threading.Thread(target=work, name="gateway-guard-check", daemon=True).start()
    return future


def _look_at(task: Any) -> None:
    """Asks for a task's exception, so that nobody says it was never retrieved."""
    if not task.cancelled():
        task.exception()


def _json(body: dict[str, Any]) -> bytes:
    import json

    return json.dumps(body, default=str).encode() + b"\n"


def _without_password(text: str) -> str:
    """An error often quotes the URL that it failed for, with its password; the answer goes to whoever asks."""
    return re.sub(r"//[^/@\s]*@", "//***@", text[:500])
