# --- core: one line to file descriptor 2, whatever has become of logging; one thread that looks after the rest ---


class _State:
    """What all copies of this file in one process share: it may be imported under two names, or reloaded."""

    def __init__(self) -> None:
        self.stderr = None if sys.__stderr__ is None else _identity(2)
        self.gauges: dict[str, Callable[[], float]] = {}
        self.problems: dict[str, Callable[[], str]] = {}  # what is wrong now; "" where nothing is: /health asks
        self.jobs: list[list[Any]] = []  # when it is due, what to call, whether it has failed
        self.in_loop: list[Callable[[Any], None]] = []  # called in each event loop, about once a second
        self.at_stop: list[Callable[[], None]] = []  # called once, when a signal asks the process to stop
        self.parts: dict[str, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Also in a forked worker: it has its own pid, counts and thread."""
        self.started = time.monotonic()
        self.pid = os.getpid()
        self.unsaid = 0
        self.counts = {"lines_lost": 0, "records_rescued": 0, "guard_errors": 0}
        self.wake = threading.Event()
        self.stopped = False
        self.thread: threading.Thread | None = None
        self.loops: Any = weakref.WeakKeyDictionary()  # event loop -> _LoopState
        for job in self.jobs:
            job[0] = self.started


def _identity(fd: int) -> tuple[int, int] | None:
    """Device and inode of what the descriptor leads to, None where it is closed."""
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def setting(name: str, default: float) -> float:
    """A number from the environment, GATEWAY_GUARD_<NAME>, read each time so that a service may set it, too."""
    try:
        return float(os.environ.get("GATEWAY_GUARD_" + name, default))
    except ValueError:
        return default


def tell(level: str, part: str, text: str, tail: str = "") -> bool:
    """Writes one line to file descriptor 2, past loggers, buffers and locks. It never raises and waits 0.2 s at most.

    tail is written below it as it is: a traceback. Returns False where the line was lost; it is counted then.
    """
    try:
        now = time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime())
        head = "[%s] [%d] [%s] gateway-guard " % (now, os.getpid(), level)
        lost = _state.unsaid
        said = head + "log: %d lines were lost before this one\n" % lost if lost else ""
        # Control characters are written out, so that nothing in the text can look like a line of its own.
        line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:65536])
        said += head + part + ": " + line + "\n" + tail
        if _write_all(said.encode("utf-8", "backslashreplace")):
            _state.unsaid -= lost
            return True
    except Exception:  # even out of memory: telling must not be what ends the service
        pass
    _state.unsaid += 1
    _state.counts["lines_lost"] += 1
    return False


def _write_all(data: bytes) -> bool:
    """Writes to descriptor 2, in pieces that a pipe takes at once; False where it cannot or would block for long.

    A log driver that stopped reading blocks a write for ever. And a service that closed descriptor 2 may have got the
    number back for a data file or a socket: never write there. It may have led both 1 and 2 to a new log, though.
    """
    now = _identity(2)
    if now is None or _state.stderr is None or now not in (_state.stderr, _identity(1)):
        return False
    poller = select.poll() if hasattr(select, "poll") else None
    if poller:
        poller.register(2, select.POLLOUT)
    deadline = time.monotonic() + 0.2
    while data:
        if poller and not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return False
        try:
            data = data[os.write(2, data[:4096]):]
        except BlockingIOError:
            continue
        except OSError:  # disk full, reader gone, closed
            return False
    return True


def _error_text(error: BaseException) -> str:
    """Type, message and place of an exception, in one line: the newest line of the service's own, and the very last."""
    try:
        text = str(error)
    except Exception as broken:
        text = "(its text cannot be had: %s)" % type(broken).__name__
    kind = type(error)
    text = (kind.__module__ + "." + kind.__name__).replace("builtins.", "") + (": " + text if text else "")
    frames: _Frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.insert(0, (trace.tb_frame.f_code, trace.tb_lineno or 0))
        trace = trace.tb_next
    if frames:
        own, last = _own_place(frames), _place(*frames[0])
        text += " at " + own + ("" if own == last else " (in " + last + ")")
    return text


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def _place(code: Any, line: int) -> str:
    return "%s:%d %s" % (code.co_filename, line, code.co_name)


def _is_own(filename: str) -> bool:
    """Whether a source file belongs to the service: not to a library, the interpreter or this file."""
    folders = ("/site-packages/", "/dist-packages/", "/lib/python3")
    return not filename.startswith("<frozen") and filename != __file__ and not any(f in filename for f in folders)


def _own_place(frames: _Frames) -> str:
    """The newest line of the service's own in a stack, the newest of all where none is."""
    own = next((f for f in frames if _is_own(f[0].co_filename)), frames[0] if frames else None)
    return _place(*own) if own else "nowhere"


def _chain_text(frames: _Frames) -> str:
    """A stack in one line, innermost first, led by the newest line of the service's own."""
    text = _own_place(frames)
    rest = " < ".join(_place(*f) for f in frames[:12]) + (" < ..." if len(frames) > 12 else "")
    return text + " [" + rest + "]" if len(frames) > 1 else text


def _thread_frames(frame: Any) -> _Frames:
    frames: _Frames = []
    while frame is not None and len(frames) < 100:
        frames.append((frame.f_code, frame.f_lineno or 0))
        frame = frame.f_back
    return frames


def _stands(ident: int) -> str:
    """Where a thread stands."""
    return _chain_text(_thread_frames(sys._current_frames().get(ident)))


def dump(why: str) -> None:
    """Tells where every thread and every asyncio task stands, one line each."""
    try:
        tell("WARNING", "dump", why)
        for thread in threading.enumerate():
            frames = _thread_frames(sys._current_frames().get(thread.ident or 0))
            frames = [f for f in frames if f[0].co_filename != __file__]
            if frames and thread is not _state.thread:
                tell("WARNING", "dump", "thread %r stands at %s" % (thread.name, _chain_text(frames)))
        for name, frames in _all_tasks():
            tell("WARNING", "dump", "task %r waits at %s" % (name, _chain_text(frames)))
    except Exception:
        _state.counts["guard_errors"] += 1


def _all_tasks() -> list[tuple[str, _Frames]]:
    """Name and stack of each unfinished task of every event loop that the guard knows; the first 200."""
    found: list[tuple[str, _Frames]] = []
    for loop in list(_state.loops):
        for task in list(sys.modules["asyncio"].all_tasks(loop))[: 200 - len(found)]:
            found.append((task.get_name(), _coroutine_frames(task.get_coro())))
    return sorted(found, key=lambda item: item[0])


def _coroutine_frames(coroutine: Any) -> _Frames:
    """The stack of a suspended coroutine, innermost first: each one awaits the next."""
    frames: _Frames = []
    for _ in range(100):
        if coroutine is None:
            break
        frame, awaits = (_attribute(coroutine, names) for names in _AWAITS)
        if frame is not None:
            frames.insert(0, (frame.f_code, frame.f_lineno or 0))
        else:  # what awaits an asynchronous generator (a lifespan) names it to the garbage collector alone
            near = gc.get_referents(coroutine)
            awaits = next((thing for thing in near if type(thing).__name__ == "async_generator"), None)
        coroutine = awaits
    return frames


_AWAITS = (("cr_frame", "gi_frame", "ag_frame"), ("cr_await", "gi_yieldfrom", "ag_await"))


def _attribute(thing: Any, names: tuple[str, ...]) -> Any:
    """The first attribute of these names that is there and not None."""
    return next((found for found in (getattr(thing, name, None) for name in names) if found is not None), None)


def _every(run: Callable[[], float]) -> None:
    """Has the guard's thread call run, which returns the seconds until the next time. The import does not wait."""
    _state.jobs.append([time.monotonic() + 0.2, run, False])
    _state.wake.set()


def _work() -> None:
    """What the guard's thread does. It takes no signals, so that they reach the threads that expect them."""
    if hasattr(signal, "pthread_sigmask"):
        faults = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT}
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()) - faults)
    while not _state.stopped:
        for job in list(_state.jobs):
            if job[0] <= time.monotonic() and not _state.stopped:
                job[0] = _run_job(job) + time.monotonic()
        _state.wake.wait(max(0.01, min(job[0] for job in _state.jobs) - time.monotonic()))
        if not _state.stopped:
            _state.wake.clear()


def _run_job(job: list[Any]) -> float:
    try:
        return float(job[1]())
    except Exception as error:
        _state.counts["guard_errors"] += 1
        if not job[2]:
            job[2] = True
            text = "%s failed and is tried again every 5 s: %s"
            tell("WARNING", "guard", text % (job[1].__name__, _error_text(error)))
        return 5.0


def _start_thread() -> None:
    if not _state.jobs or (_state.thread is not None and _state.thread.is_alive()):
        return
    _state.stopped = False
    _state.wake.clear()
    thread = threading.Thread(target=_work, name="gateway-guard", daemon=True)
    try:
        thread.start()
        _state.thread = thread
    except RuntimeError as error:  # no more threads, or the interpreter is ending
        tell("WARNING", "guard", "its thread could not be started: %s" % error)


def _stop_thread() -> None:
    """Ends the guard's thread. Before a fork: Python 3.12 warns of forks in a process with threads, and rightly."""
    thread = _state.thread
    if thread is None or thread is threading.current_thread():
        return
    _state.stopped = True
    _state.wake.set()
    thread.join(1.0)
    _state.thread = None


def _in_child() -> None:
    _state.begin()
    _start_thread()


def _gauges() -> list[tuple[str, float]]:
    """Name and value of each gauge; one that cannot be read is absent, not zero."""
    values = []
    for name, gauge in sorted(_state.gauges.items()):
        try:
            values.append((name, gauge()))
        except Exception:
            pass
    return values


def _problems() -> dict[str, str]:
    """What is wrong now, by part."""
    answers = {name: ask() for name, ask in list(_state.problems.items())}
    return {name: text for name, text in answers.items() if text}


def metrics() -> str:
    """Counts and gauges in the text form that Prometheus reads."""
    lines = []
    for name, count in sorted(_state.counts.items()):
        lines += ["# TYPE gateway_guard_%s_total counter" % name, "gateway_guard_%s_total %d" % (name, count)]
    for name, value in _gauges():
        lines += ["# TYPE gateway_guard_%s gauge" % name.split("{")[0], "gateway_guard_%s %g" % (name, value)]
    return "\n".join(dict.fromkeys(lines)) + "\n"


_shared = getattr(sys, "_gateway_guard", None)
_is_first = _shared is None  # a second copy shares the first one's state and installs nothing twice
_state: _State = _State() if _shared is None else _shared
if _is_first:
    setattr(sys, "_gateway_guard", _state)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_stop_thread, after_in_parent=_start_thread, after_in_child=_in_child)
