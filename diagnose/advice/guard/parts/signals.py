# --- signals: who was asked to stop, told without taking the server's handler away (cause 4) ---


class _Chained:
    """A signal handler that tells of the signal and then calls the service's or the server's own."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, signum: int, frame: Any) -> Any:
        before, _signals_at[signum] = _signals_at.get(signum), time.monotonic()
        again = "" if before is None else " again, %.1f s after the last" % (time.monotonic() - before)
        by = getattr(self.inner, "__qualname__", type(self.inner).__name__)
        text = "%s received%s; %s answers it; the main thread was at %s"
        tell("WARNING", "signals", text % (signal.Signals(signum).name, again, by, _own_place(_thread_frames(frame))))
        while signum in (signal.SIGTERM, signal.SIGINT) and _state.at_stop:
            _state.at_stop.pop()()
        return self.inner(signum, frame)


def _signal(signum: Any, handler: Any) -> Any:
    """signal.signal that puts the telling in front of whatever handler is installed, and hides it from getsignal."""
    if handler == signal.SIG_DFL and signum in _signals_at:
        # uvicorn from 0.29 ends by the signal that it was asked to stop with: no atexit runs after that.
        name = signal.Signals(signum).name
        tell("INFO", "exit", "the process is about to end by %s, which it has handled" % name)
    wanted = _Chained(handler) if signum in _watched and _is_plain(handler) else handler
    return _unwrapped(_plain_signal(signum, wanted))


def _getsignal(signum: Any) -> Any:
    return _unwrapped(_plain_getsignal(signum))


def _unwrapped(handler: Any) -> Any:
    return handler.inner if isinstance(handler, _Chained) else handler


def _is_plain(handler: Any) -> bool:
    """Whether a handler is a function that nothing is put in front of yet."""
    return callable(handler) and not isinstance(handler, (_Chained, signal.Handlers))


def _chain_present_handlers(loop: Any = None) -> None:
    """Chains the handlers that are there; in a loop, those that were installed past _signal.

    Whoever held signal.signal before the guard was imported does that: uvloop, which uvicorn imports before the
    application. Where the default action ends the process, faulthandler says where it was. That works in C code too,
    where a Python handler would wait, and the process ends as it would have.
    """
    main = threading.current_thread() is threading.main_thread()
    for signum in _watched:
        handler = _plain_getsignal(signum)
        if _is_plain(handler) and main:
            _plain_signal(signum, _Chained(handler))
            if loop is not None:
                signal.siginterrupt(signum, False)  # as loops have it; signal.signal turns it on
        elif handler == signal.SIG_DFL and _state.stderr and signum != signal.SIGABRT and loop is None:
            faulthandler.register(signum, file=2, all_threads=False, chain=True)


def _dump_on_signal() -> None:
    """SIGUSR1, where nobody uses it: stacks at once from C, then the asyncio tasks when Python runs again."""
    number = getattr(signal, "SIGUSR1", None)
    if number is None or _plain_getsignal(number) != signal.SIG_DFL:
        return
    if threading.current_thread() is threading.main_thread():
        _plain_signal(number, lambda signum, frame: dump("asked by SIGUSR1"))
    if _state.stderr:
        faulthandler.register(number, file=2, all_threads=True, chain=True)


def stop_on_signal(stop: Callable[[], Any]) -> None:
    """For a program without a server: the first SIGTERM or SIGINT calls stop, a second ends at once with 128 + n."""

    def ask(signum: int, frame: Any) -> None:
        if asked:
            tell("CRITICAL", "exit", "second %s: ended at once with %d" % (signal.Signals(signum).name, 128 + signum))
            os._exit(128 + signum)
        asked.append(signum)
        stop()

    asked: list[int] = []
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, ask)


def wait_for_stop(seconds: float | None = None) -> int | None:
    """For the main thread of a program whose threads do the work: waits for SIGTERM or SIGINT and tells who sent it.

    The sender can be had only here: sigtimedwait takes the signal instead of a handler. Call it before the threads are
    started with block_stop_signals, else another thread may take the signal (it is told then, without the sender).
    Returns the signal's number, None after so many seconds.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    taken: list[int] = []
    before = [signal.signal(n, lambda signum, frame: taken.append(signum)) for n in numbers]
    old = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    end = time.monotonic() + (1e9 if seconds is None else seconds)
    try:
        while not taken and time.monotonic() < end:
            info = signal.sigtimedwait(numbers, 0.25)
            if info is not None:
                sender = "pid %d" % info.si_pid if info.si_pid else "outside this container"
                text = "%s received from %s, uid %d"
                tell("WARNING", "signals", text % (signal.Signals(info.si_signo).name, sender, info.si_uid))
                taken.append(info.si_signo)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
        for number, handler in zip(numbers, before):
            signal.signal(number, handler)
    return taken[0] if taken else None


def block_stop_signals() -> None:
    """Has threads started from now on leave SIGTERM and SIGINT to wait_for_stop. Child processes inherit that, too."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})


_names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGXCPU", "SIGABRT")
_watched = [getattr(signal, name) for name in _names if hasattr(signal, name)]
_signals_at: dict[int, float] = {}
if _is_first:
    _plain_signal = signal.signal
    _plain_getsignal = signal.getsignal
    signal.signal = _signal
    signal.getsignal = _getsignal
    _state.in_loop.append(_chain_present_handlers)  # the watchdog calls it
    try:
        _chain_present_handlers()
        _dump_on_signal()
    except (OSError, ValueError, RuntimeError) as error:
        tell("WARNING", "signals", "they cannot be watched: %s" % error)
