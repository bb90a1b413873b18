# --- health: an answer within its limit, whatever hangs, and one that says what is wrong (causes 2 and 9) ---


class _Dependency:
    """One thing that the service needs, with its own limit and a circuit breaker."""

    def __init__(self, name: str, check: Callable[[], Any], limit: float, critical: bool,
                 failures: int, recovery: float) -> None:
        self.name, self.check, self.limit, self.critical = name, check, limit, critical
        self.failures, self.recovery = failures, recovery
        self.failed = 0  # in a row
        self.opened = 0.0  # when the circuit opened; 0 = it is closed
        self.call: Any = None  # the Future of the last call
        self.task: Any = None  # of that call, in the service's loop
        self.state = ""  # of that call: "" once it has ended, "asked", "given up"
        self.lock = threading.Lock()
        self.error = ""
        self.took = 0.0

    def ask(self, loop: Any) -> str:
        """Starts a call, or shares the one that is under way. Returns why none is made, "" where it is.

        After the recovery time of an open circuit, one call tries whether the dependency is back.
        """
        with self.lock:
            if self.call is not None and not self.call.done():
                return "an earlier check still hangs; before: " + self.error if self.state == "given up" else ""
            wait = self.opened + self.recovery - time.monotonic() if self.opened else 0.0
            if wait > 0:
                return "circuit open, asked again in %.0f s: %s" % (wait, self.error)
            self.task, self.call, self.state = None, _in_thread(lambda: self._run(loop)), "asked"
            return ""

    def _run(self, loop: Any) -> str:
        """Runs the check in this thread, and what it has to await where the service's clients live: in its loop."""
        began, error = time.monotonic(), ""
        try:
            result = self.check()
            if hasattr(result, "__await__"):  # a plain function may just make a coroutine, too: redis.asyncio's ping
                import asyncio

                if loop is None:
                    asyncio.run(self._await(result))
                else:
                    asyncio.run_coroutine_threadsafe(self._await(result), loop).result()
        except BaseException as broken:
            error = _error_text(broken)
        return self._end("", error, time.monotonic() - began)

    async def _await(self, result: Any) -> None:
        import asyncio

        self.task = asyncio.current_task()
        await result

    def answer(self, loop: Any, since: float, until: float) -> str:
        """Waits for the call. One that overruns is cancelled, but not waited for: it may swallow its cancellation."""
        try:
            error: str = self.call.result(max(0.0, until - time.monotonic()))
            return error
        except Exception:
            error = self._end("given up", "no answer in %.1f s" % (until - since), until - since)
            if self.task is not None and loop is not None:  # only now: what it ends by is not what was wrong
                loop.call_soon_threadsafe(self.task.cancel)
            return error

    def _end(self, state: str, error: str, took: float) -> str:
        """Counts a call that ended or was given up, once."""
        with self.lock:
            if self.state != "asked":
                return self.error
            self.state, self.error, self.took = state, error, took
            self.failed = self.failed + 1 if error else 0
            opens = self.failed >= self.failures
            if opens and not self.opened:
                text = "%s failed %d times in a row, its circuit opens for %g s: %s"
                tell("ERROR", "health", text % (self.name, self.failed, self.recovery, error))
            if self.opened and not error:
                tell("INFO", "health", "%s answers again, its circuit is closed" % self.name)
            self.opened = time.monotonic() if opens else 0.0
            return error


class Health:
    """The service's health check: ASGI application, WSGI application (wsgi) and a server of its own (serve).

    It answers 200 or 503 with JSON within limit seconds, also where a dependency hangs in a thread, swallows its
    cancellation or throws. Only serve also answers for an event loop that is blocked: no code in that loop can.
    """

    def __init__(self, limit: float = 4.0) -> None:
        self.limit = limit
        self.dependencies: list[_Dependency] = []
        self._was = "healthy"
        self._since = self._made = time.monotonic()
        self._told_slow = 0.0
        self._loop: Any = None
        self._loop_thread = 0
        self._asked = False
        _every(self._watch_for_probes)
        _state.at_stop.append(self._tell_unprobed_until_stop)
        _start_thread()

    def _watch_for_probes(self) -> float:
        """Tells once where no probe comes: one of the wrong port or with a missing tool never reaches the service."""
        within = setting("PROBED_WITHIN", 90.0)
        wait = self._made + within - time.monotonic()
        if wait <= 0:
            self._tell_unprobed("in the first %g s" % within)
        return wait if wait > 0 else 1e6

    def _tell_unprobed_until_stop(self) -> None:
        """Whoever watches the probes may stop the service before that time is up."""
        up = time.monotonic() - self._made
        if 3.0 < up < setting("PROBED_WITHIN", 90.0):
            self._tell_unprobed("until the stop, %.0f s after the start" % up)

    def _tell_unprobed(self, when: str) -> None:
        why = "the probe asks elsewhere, cannot run, or there is none"
        if not self._asked:
            tell("WARNING", "health", "nobody has asked for the health check %s: %s" % (when, why))

    def add(self, name: str, check: Callable[[], Any], limit: float = 2.0, critical: bool = True,
            failures: int = 3, recovery: float = 10.0) -> None:
        """Adds a dependency: a coroutine function, or a plain one, called in a thread. It fails by raising.

        One that is not critical makes the service "degraded", which is still 200. After so many failures in a row its
        circuit opens: for recovery seconds it is not asked, then one call tries.
        """
        self.dependencies.append(_Dependency(name, check, limit, critical, failures, recovery))

    async def check(self) -> tuple[int, dict[str, Any]]:
        """The status code and the body, within the limit. Never raises (but for the cancellation of the caller)."""
        import asyncio

        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
        try:
            answer: tuple[int, dict[str, Any]] = await asyncio.wrap_future(_in_thread(self.check_in_threads))
            return answer
        except Exception as error:  # no thread can be started
            return self._broken(_error_text(error))

    def check_in_threads(self) -> tuple[int, dict[str, Any]]:
        """The same for a program without an event loop, or from another thread than the loop's."""
        began = time.monotonic()
        loop = self._loop if threading.get_ident() != self._loop_thread else None
        try:
            if _is_blocked(loop, self.limit):
                return self._broken(self._stands(began))
            asked = time.monotonic()
            errors = {d.name: d.ask(loop) for d in self.dependencies}
            for d in self.dependencies:  # the last quarter of the limit is for what follows
                until = max(asked, min(asked + d.limit, began + 0.75 * self.limit))
                errors[d.name] = errors[d.name] or d.answer(loop, asked, until)
            late = time.monotonic()
            if any(text.startswith("no answer") for text in errors.values()) and _is_blocked(loop, self.limit / 4):
                return self._broken(self._stands(late))  # a check itself blocks the loop
            return self._answer(errors, time.monotonic() - began)
        except Exception as error:
            return self._broken(_error_text(error))

    def _stands(self, since: float) -> str:
        text = "the event loop has not answered in %.1f s; it is at %s"
        return text % (time.monotonic() - since, _stands(self._loop_thread))

    def _answer(self, errors: dict[str, str], took: float) -> tuple[int, dict[str, Any]]:
        problems = {name: _without_password(text) for name, text in _problems().items()}
        critical = [d.name for d in self.dependencies if d.critical] + [name for name in problems if name != "logging"]
        wrong = {name: text for name, text in list(errors.items()) + list(problems.items()) if text}
        bad = any(name in wrong for name in critical)
        status = "unhealthy" if bad else "degraded" if wrong else "healthy"
        self._tell_change(status, "; ".join("%s: %s" % item for item in wrong.items()))
        if errors and took > self.limit / 2 and time.monotonic() - self._told_slow > 60:
            self._told_slow = time.monotonic()
            slowest = max(self.dependencies, key=lambda d: d.took)
            text = "the check took %.1f s of its %.1f s, %s %.1f s of them"
            tell("WARNING", "health", text % (took, self.limit, slowest.name, slowest.took))
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
        self._asked = True
        if status == self._was:
            return
        lasted = time.monotonic() - self._since
        self._was, self._since = status, time.monotonic()
        if status == "healthy":
            tell("INFO", "health", "healthy again after %.1f s" % lasted)
        else:
            tell("ERROR" if status == "unhealthy" else "WARNING", "health", "%s: %s" % (status, why))

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
        start_response(_PHRASES[code], [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
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
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
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
                _in_thread(lambda c=connection: self._reply(c, room))  # type: ignore[misc]
            except RuntimeError:  # out of threads: it says so
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
            code, body = self.check_in_threads()
            data = _json(body)
            head = "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            head %= _PHRASES[code], len(data)
            connection.sendall(head.encode() + (b"" if request.startswith(b"HEAD ") else data))
        except Exception:  # the prober has gone away
            _state.counts["guard_errors"] += 1
        finally:
            room.release()
            connection.close()


def _is_blocked(loop: Any, seconds: float) -> bool:
    """Whether an event loop does not turn within so many seconds."""
    turned = threading.Event()
    if loop is not None:
        loop.call_soon_threadsafe(turned.set)
    return loop is not None and not turned.wait(seconds)


_PHRASES = {200: "200 OK", 503: "503 Service Unavailable"}


def _in_thread(run: Callable[[], Any]) -> Any:
    """Runs a function in a daemon thread of its own, which may hang without holding up anything; returns a Future."""
    from concurrent.futures import Future

    future: Any = Future()

    def work() -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(run())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="gateway-guard-check", daemon=True).start()
    return future


def _json(body: dict[str, Any]) -> bytes:
    import json

    return json.dumps(body, default=str).encode() + b"\n"


def _without_password(text: str) -> str:
    """An error often quotes the URL that it failed for, with its password; the answer goes to whoever asks."""
    return re.sub(r"//[^/@\s]*@", "//***@", text[:500])
