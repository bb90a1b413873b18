# --- signals: who was asked to stop, told without taking the server's handler away (cause 4) ---


class _Chained:
    """A signal handler that tells of the signal and then calls the service's or the server's own."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, signum: int, frame: Any) -> Any:
        _tell_signal(signum, frame, getattr(self.inner, "__qualname__", type(self.inner).__name__))
        return self.inner(signum, frame)


def _tell_signal(signum: int, frame: Any, answered_by: str) -> None:
    name = signal.Signals(signum).name
    before = _signals_at.get(signum)
    _signals_at[signum] = time.monotonic()
    again = "" if before is None else " again, %.1f s after the last" % (time.monotonic() - before)
    stands = _own_place(_thread_frames(frame))
    text = "%s received%s; %s answers it; the main thread was at %s" % (name, again, answered_by, stands)
    tell("WARNING", "signals", text)
    while signum in (signal.SIGTERM, signal.SIGINT) and _state.at_stop:
        _state.at_stop.pop()()


def _signal(signum: Any, handler: Any) -> Any:
    """signal.signal that puts the telling in front of whatever handler is installed, and hides it from getsignal."""
    wanted = handler
    if signum in _watched and callable(handler) and not isinstance(handler, (_Chained, signal.Handlers)):
        wanted = _Chained(handler)
    elif handler == signal.SIG_DFL and signum in _signals_at:
        # uvicorn from 0.29 ends by the signal that it was asked to stop with: no atexit runs after that.
        name = signal.Signals(signum).name
        tell("INFO", "exit", "the process is about to end by %s, which it has handled" % name)
    return _unwrapped(_plain_signal(signum, wanted))


def _getsignal(signum: Any) -> Any:
    return _unwrapped(_plain_getsignal(signum))


def _unwrapped(handler: Any) -> Any:
    return handler.inner if isinstance(handler, _Chained) else handler


def _chain_present_handlers() -> None:
    """Chains the handlers that are there. Where the default action ends the process, faulthandler says where it was.

    That works in C code too, where a Python handler would wait, and the process ends as it would have.
    """
    main = threading.current_thread() is threading.main_thread()
    for signum in _watched:
        handler = _plain_getsignal(signum)
        if callable(handler) and not isinstance(handler, signal.Handlers):
            if main and not isinstance(handler, _Chained):
                _plain_signal(signum, _Chained(handler))
        elif handler == signal.SIG_DFL and _state.stderr is not None and signum != signal.SIGABRT:
            faulthandler.register(signum, file=2, all_threads=False, chain=True)


def _chain_in_loop(_loop: Any) -> None:
    """Chains handlers that were installed past _signal, by who held signal.signal before the guard was imported.

    uvloop does, and uvicorn imports it before the application.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for signum in _watched:
        handler = _plain_getsignal(signum)
        if callable(handler) and not isinstance(handler, (_Chained, signal.Handlers)):
            _plain_signal(signum, _Chained(handler))
            signal.siginterrupt(signum, False)  # as loops have it; signal.signal turns it on


def _dump_on_signal() -> None:
    """SIGUSR1, where nobody uses it: stacks at once from C, then the asyncio tasks when Python runs again."""
    number = getattr(signal, "SIGUSR1", None)
    if number is None or _plain_getsignal(number) != signal.SIG_DFL:
        return
    if threading.current_thread() is threading.main_thread():
        _plain_signal(number, lambda signum, frame: dump("asked by SIGUSR1"))
    if _state.stderr is not None:
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
    numbers = {signal.SIGTERM, signal.SIGINT}
    taken: list[int] = []
    before = {n: signal.signal(n, lambda signum, frame: taken.append(signum)) for n in numbers}
    old = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    end = None if seconds is None else time.monotonic() + seconds
    try:
        while not taken and (end is None or time.monotonic() < end):
            info = signal.sigtimedwait(numbers, 0.25)
            if info is not None:
                sender = "from outside this container" if info.si_pid == 0 else "from pid %d" % info.si_pid
                name = signal.Signals(info.si_signo).name
                tell("WARNING", "signals", "%s received %s, uid %d" % (name, sender, info.si_uid))
                taken.append(info.si_signo)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
        for number, handler in before.items():
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
    _state.in_loop.append(_chain_in_loop)  # the watchdog calls it
    try:
        _chain_present_handlers()
        _dump_on_signal()
    except (OSError, ValueError, RuntimeError) as error:
        tell("WARNING", "signals", "they cannot be watched: %s" % error)
