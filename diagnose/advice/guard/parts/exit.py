# --- exit: the last words (causes 4 and 10) ---


def _exit(status: Any = None) -> NoReturn:
    """sys.exit that remembers the code and who gave it: at exit nobody else knows."""
    if threading.current_thread() is threading.main_thread():
        code = 0 if status is None else status & 0xFF if isinstance(status, int) else 1  # as Python has it: a text is 1
        frame = sys._getframe(1)
        # A server ends by sys.exit in a task of its own, too (uvicorn 0.53): no background task of the service's.
        task = _current_task() if _is_own(frame.f_code.co_filename) else ""
        _last_exit[:] = [(code, task + "at " + _place(frame.f_code, frame.f_lineno or 0), time.monotonic())]
    _plain_exit(status)
    raise SystemExit(status)  # never reached, unless something else had taken the place of sys.exit


def _current_task() -> str:
    """Names the asyncio task that is running: a sys.exit in a background task ends the whole server."""
    try:
        return "in asyncio task %r " % sys.modules["asyncio"].current_task().get_name()
    except (KeyError, RuntimeError, AttributeError):  # no asyncio, no loop, no task
        return ""


def _uncaught(kind: Any, error: Any, trace: Any) -> None:
    """sys.excepthook: the hook that was there, the traceback where standard error could not take it, one line more."""
    try:
        _plain_excepthook(kind, error, trace)
    except Exception:
        pass
    if isinstance(error, BaseException):
        _tell_uncaught(error.with_traceback(trace))


def _tell_uncaught(error: BaseException) -> None:
    _told_uncaught.add(id(error))
    tail = "" if _prints(sys.stderr) else _traceback(error)
    tell("CRITICAL", "exit", "uncaught %s; the process ends" % _error_text(error), tail)


def _prints(stream: Any) -> bool:
    """Whether a text stream is open and leads to standard error."""
    try:
        return not stream.closed and _state.stderr is not None and _identity(stream.fileno()) == _state.stderr
    except Exception:
        return False


def _last_words() -> None:
    """Runs at exit, after every other atexit function that was registered later."""
    _stop_thread()
    up = time.monotonic() - _state.started
    if os.getpid() != _state.pid:
        return
    code, place, at = _last_exit[0] if _last_exit else (0, "", 0.0)
    error = getattr(sys, "last_value", None)  # what nobody caught, whoever's sys.excepthook has had it
    if isinstance(error, BaseException):
        if id(error) not in _told_uncaught:
            _tell_uncaught(error)
        code = 130 if isinstance(error, KeyboardInterrupt) else 1
        text = "the process ends with code %d after %.1f s, by an uncaught exception" % (code, up)
    elif not at:
        text = "the main program has come to its end after %.1f s: code 0, or what a SystemExit says" % up
    else:
        at = time.monotonic() - at
        text = "the process ends after %.1f s; sys.exit gave code %d %.1f s ago %s" % (up, code, at, place)
    tell("CRITICAL" if code else "INFO", "exit", text)


def tell_os_exit() -> None:
    """On request only (or GATEWAY_GUARD_OS_EXIT=1): os._exit tells its code and caller before it ends the process.

    Nothing else can: it runs neither atexit nor finally. Forked children of multiprocessing end by it in good order.
    """
    plain = os._exit

    def told(status: int) -> NoReturn:
        frame = sys._getframe(1)
        text = "os._exit ends the process at once with code %d at %s"
        text = text % (status, _place(frame.f_code, frame.f_lineno or 0))
        tell("CRITICAL" if status else "INFO", "exit", text)
        plain(status)

    if not hasattr(plain, "_guard"):
        setattr(told, "_guard", True)
        setattr(os, "_exit", told)


_last_exit: list[tuple[int, str, float]] = []
_told_uncaught: set[int] = set()
if _is_first:
    _plain_exit = sys.exit
    _plain_excepthook = sys.excepthook
    sys.exit = _exit
    sys.excepthook = _uncaught
    atexit.register(_last_words)
    if setting("OS_EXIT", 0):
        tell_os_exit()
