# --- core: one line to file descriptor 2, whatever has become of logging; one thread that looks after the rest ---


class _State:
    """What all copies of this file in one process share: it may be imported under two names, or reloaded."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.pid = os.getpid()
        self.stderr = None if sys.__stderr__ is None else _identity(2)
        self.unsaid = 0
        self.counts: dict[str, int] = {"lines_lost": 0, "records_rescued": 0, "guard_errors": 0}
        self.gauges: dict[str, Callable[[], float]] = {}
        self.problems: dict[str, Callable[[], str]] = {}  # what is wrong now; "" where nothing is: /health asks
        self.jobs: list[_Job] = []
        self.wake = threading.Event()
        self.stopped = False
        self.thread: threading.Thread | None = None
        self.loops: Any = weakref.WeakKeyDictionary()  # event loop -> _LoopState
        self.in_loop: list[Callable[[Any], None]] = []  # called in each event loop, about once a second
        self.at_stop: list[Callable[[], None]] = []  # called once, when a signal asks the process to stop
        self.parts: dict[str, Any] = {}


class _Job:
    """Something that the guard's thread does now and then: it returns the seconds until it wants to be called again."""

    def __init__(self, run: Callable[[], float]) -> None:
        self.run = run
        self.due = 0.0
        self.failed = False


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
        said += head + part + ": " + _one_line(text) + "\n" + tail
        if _write_all(said.encode("utf-8", "backslashreplace")):
            _state.unsaid -= lost
            return True
    except Exception:  # even out of memory: telling must not be what ends the service
        pass
    _state.unsaid += 1
    _state.counts["lines_lost"] += 1
    return False


def _one_line(text: str) -> str:
    """The text with its control characters written out, so that nothing in it can look like a line of its own."""
    return "".join(c if c.isprintable() else "\\x%02x" % ord(c) if c != "\n" else "\\n" for c in text[:65536])


def _write_all(data: bytes) -> bool:
    """Writes to descriptor 2, in pieces that a pipe takes at once; False where it cannot or would block for long."""
    if not _is_still_stderr():
        return False
    deadline = time.monotonic() + 0.2
    while data:
        if not _takes_output(deadline):
            return False
        try:
            data = data[os.write(2, data[:4096]):]
        except BlockingIOError:
            continue
        except OSError:  # disk full, reader gone, closed
            return False
    return True


def _is_still_stderr() -> bool:
    """A service that closed descriptor 2 may have got the number back for a data file or a socket: never write there.

    It may have led both 1 and 2 to a new log, though.
    """
    now = _identity(2)
    return now is not None and _state.stderr is not None and now in (_state.stderr, _identity(1))


def _takes_output(deadline: float) -> bool:
    """Waits until descriptor 2 takes a page of output: a log driver that stopped reading blocks a write for ever."""
    if not hasattr(select, "poll"):
        return True
    poller = select.poll()
    poller.register(2, select.POLLOUT)
    while True:
        left = deadline - time.monotonic()
        if poller.poll(max(0.0, left * 1000)):
            return True
        if left <= 0:
            return False


def _error_text(error: BaseException | None) -> str:
    """Type, message and place of an exception, in one line."""
    if error is None:
        return "no exception"
    try:
        text = str(error)
    except Exception as broken:
        text = "(its text cannot be had: %s)" % type(broken).__name__
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__name__
    return name + (": " + text if text else "") + _raised_at(error)


def _raised_at(error: BaseException) -> str:
    """Where it was raised: the newest line of the service's own, and the very last one where that is a library's."""
    frames: list[tuple[Any, int]] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_code, trace.tb_lineno or 0))
        trace = trace.tb_next
    if not frames:
        return ""
    last = frames[-1]
    own = next((f for f in reversed(frames) if _is_own(f[0].co_filename)), last)
    text = " at " + _place(*own)
    return text if own is last else text + " (in " + _place(*last) + ")"


def _place(code: Any, line: int) -> str:
    return "%s:%d %s" % (code.co_filename, line, code.co_name)


def _is_own(filename: str) -> bool:
    """Whether a source file belongs to the service: not to a library, the interpreter or this file."""
    folders = ("/site-packages/", "/dist-packages/", "/lib/python3")
    return not filename.startswith("<frozen") and filename != __file__ and not any(f in filename for f in folders)


def _chain_text(frames: list[tuple[Any, int]]) -> str:
    """A stack in one line, innermost first, led by the newest line of the service's own."""
    if not frames:
        return "nowhere"
    text = _own_place(frames)
    rest = " < ".join(_place(*f) for f in frames[:12])
    return text if len(frames) == 1 else text + " [" + rest + (" < ..." if len(frames) > 12 else "") + "]"


def _own_place(frames: list[tuple[Any, int]]) -> str:
    """The newest line of the service's own in a stack, the newest of all where none is."""
    own = next((f for f in frames if _is_own(f[0].co_filename)), frames[0] if frames else None)
    return _place(*own) if own else "nowhere"


def _thread_frames(frame: Any) -> list[tuple[Any, int]]:
    frames: list[tuple[Any, int]] = []
    while frame is not None and len(frames) < 100:
        frames.append((frame.f_code, frame.f_lineno or 0))
        frame = frame.f_back
    return frames


def dump(why: str) -> None:
    """Tells where every thread and every asyncio task stands, one line each."""
    try:
        tell("WARNING", "dump", why)
        current = sys._current_frames()
        for thread in threading.enumerate():
            frames = _thread_frames(current.get(thread.ident or 0))
            frames = [f for f in frames if f[0].co_filename != __file__]
            if frames and thread is not _state.thread:
                tell("WARNING", "dump", "thread %r stands at %s" % (thread.name, _chain_text(frames)))
        for name, frames in _all_tasks():
            tell("WARNING", "dump", "task %r waits at %s" % (name, _chain_text(frames)))
    except Exception:
        _state.counts["guard_errors"] += 1


def _all_tasks() -> list[tuple[str, list[tuple[Any, int]]]]:
    """Name and stack of each unfinished task of every event loop that the guard knows; the first 200."""
    asyncio = sys.modules.get("asyncio")
    found: list[tuple[str, list[tuple[Any, int]]]] = []
    for loop in list(_state.loops) if asyncio else []:
        for task in list(asyncio.all_tasks(loop))[: 200 - len(found)] if asyncio else []:
            found.append((task.get_name(), _coroutine_frames(task.get_coro())))
    return sorted(found, key=lambda item: item[0])


def _coroutine_frames(coroutine: Any) -> list[tuple[Any, int]]:
    """The stack of a suspended coroutine, innermost first: each one awaits the next."""
    frames: list[tuple[Any, int]] = []
    while coroutine is not None and len(frames) < 100:
        for kind in ("cr", "gi", "ag"):
            frame = getattr(coroutine, kind + "_frame", None)
            if frame is not None:
                frames.insert(0, (frame.f_code, frame.f_lineno or 0))
                coroutine = getattr(coroutine, "gi_yieldfrom" if kind == "gi" else kind + "_await")
                break
        else:
            break
    return frames


def _every(run: Callable[[], float]) -> None:
    """Has the guard's thread call run, which returns the seconds until the next time."""
    _state.jobs.append(_Job(run))
    _state.wake.set()


def _work() -> None:
    """What the guard's thread does. It takes no signals, so that they reach the threads that expect them."""
    if hasattr(signal, "pthread_sigmask"):
        faults = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT}
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()) - faults)
    while not _state.stopped:
        for job in list(_state.jobs):
            if job.due <= time.monotonic() and not _state.stopped:
                job.due = time.monotonic() + _run_job(job)
        due = min([job.due for job in _state.jobs] + [time.monotonic() + 5])
        _state.wake.wait(max(0.01, due - time.monotonic()))
        if not _state.stopped:
            _state.wake.clear()


def _run_job(job: _Job) -> float:
    try:
        return job.run()
    except Exception as error:
        _state.counts["guard_errors"] += 1
        if not job.failed:
            job.failed = True
            text = "%s failed and is tried again every 5 s: %s"
            tell("WARNING", "guard", text % (job.run.__name__, _error_text(error)))
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
    """A forked worker begins anew: its own pid, counts and thread."""
    _state.pid = os.getpid()
    _state.started = time.monotonic()
    _state.thread = None
    _state.wake = threading.Event()
    _state.unsaid = 0
    for name in _state.counts:
        _state.counts[name] = 0
    for job in _state.jobs:
        job.due = 0.0
    _state.loops = weakref.WeakKeyDictionary()
    _start_thread()


def metrics() -> str:
    """Counts and gauges in the text form that Prometheus reads."""
    lines = []
    for name, count in sorted(_state.counts.items()):
        lines.append("# TYPE gateway_guard_%s_total counter\ngateway_guard_%s_total %d" % (name, name, count))
    for name, gauge in sorted(_state.gauges.items()):
        try:
            value = gauge()
        except Exception:
            continue  # a gauge that cannot be read is absent, not zero
        family = name.split("{")[0]
        lines.append("# TYPE gateway_guard_%s gauge\ngateway_guard_%s %g" % (family, name, value))
    return "\n".join(dict.fromkeys("\n".join(lines).split("\n"))) + "\n"


def version() -> str:
    return VERSION


_shared = getattr(sys, "_gateway_guard", None)
_is_first = _shared is None  # a second copy shares the first one's state and installs nothing twice
_state: _State = _State() if _shared is None else _shared
if _is_first:
    setattr(sys, "_gateway_guard", _state)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_stop_thread, after_in_parent=_start_thread, after_in_child=_in_child)
