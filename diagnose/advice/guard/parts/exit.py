# --- exit: the last words (causes 4 and 10) ---


def _exit(status: Any = None) -> NoReturn:
    """sys.exit that remembers the code and who gave it: at exit nobody else knows."""
    if threading.current_thread() is threading.main_thread():
        frame = sys._getframe(1)
        # A server ends by sys.exit in a task of its own, too (uvicorn 0.53): no background task of the service's.
        task = _current_task() if _is_own(frame.f_code.co_filename) else ""
        place = task + "at " + _place(frame.f_code, frame.f_lineno or 0)
        _last_exit[:] = [(status, place, time.monotonic())]
    _plain_exit(status)
    raise SystemExit(status)  # never reached, unless something else had taken the place of sys.exit


def _current_task() -> str:
    """Names the asyncio task that is running: a sys.exit in a background task ends the whole server."""
    asyncio = sys.modules.get("asyncio")
    try:
        task = asyncio.current_task() if asyncio else None
    except RuntimeError:  # no loop runs
        return ""
    return "in asyncio task %r " % task.get_name() if task is not None else ""


def _exit_code(status: Any) -> int:
    """The process's code for what sys.exit was given: nothing is 0, a text is 1."""
    if status is None:
        return 0
    return status & 0xFF if isinstance(status, int) else 1


def _uncaught(kind: Any, error: Any, trace: Any) -> None:
    """sys.excepthook: the hook that was there, the traceback where standard error could not take it, one line more."""
    _last_exit[:] = [(130 if kind is KeyboardInterrupt else 1, "", time.monotonic())]
    try:
        _plain_excepthook(kind, error, trace)
    except Exception:
        pass
    tail = ""
    if not _prints(sys.stderr):
        import traceback

        tail = "".join(traceback.format_exception(kind, error, trace))
    if not isinstance(error, BaseException):
        return
    tell("CRITICAL", "exit", "uncaught %s; the process ends" % _error_text(error.with_traceback(trace)), tail)


def _prints(stream: Any) -> bool:
    """Whether a text stream is open and leads to standard error."""
    try:
        return not stream.closed and _identity(stream.fileno()) == _state.stderr and _state.stderr is not None
    except Exception:
        return False


def _last_words() -> None:
    """Runs at exit, after every other atexit function that was registered later."""
    _stop_thread()
    up = time.monotonic() - _state.started
    if os.getpid() != _state.pid:
        return
    if not _last_exit:
        text = "the main program has come to its end after %.1f s: code 0, or what a SystemExit says"
        tell("INFO", "exit", text % up)
        return
    status, place, at = _last_exit[0]
    if not place:
        tell("CRITICAL", "exit", "the process ends with code %d after %.1f s, by an uncaught exception" % (status, up))
        return
    code = _exit_code(status)
    age = time.monotonic() - at
    text = "the process ends after %.1f s; sys.exit gave code %d %.1f s ago %s" % (up, code, age, place)
    tell("INFO" if code == 0 else "CRITICAL", "exit", text)


def tell_os_exit() -> None:
    """On request only (or GATEWAY_GUARD_OS_EXIT=1): os._exit tells its code and caller before it ends the process.

    Nothing else can: it runs neither atexit nor finally. Forked children of multiprocessing end by it in good order.
    """
    if getattr(os._exit, "_guard", False):
        return
    plain = os._exit

    def told(status: int) -> NoReturn:
        frame = sys._getframe(1)
        place = _place(frame.f_code, frame.f_lineno or 0)
        level = "INFO" if status == 0 else "CRITICAL"
        tell(level, "exit", "os._exit ends the process at once with code %d at %s" % (status, place))
        plain(status)

    setattr(told, "_guard", True)
    setattr(os, "_exit", told)


_last_exit: list[tuple[Any, str, float]] = []
if _is_first:
    _plain_exit = sys.exit
    _plain_excepthook = sys.excepthook
    sys.exit = _exit
    sys.excepthook = _uncaught
    atexit.register(_last_words)
    if setting("OS_EXIT", 0):
        tell_os_exit()
