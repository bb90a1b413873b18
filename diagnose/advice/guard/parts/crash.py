# --- crash: where Python stood when native code took the interpreter down (cause 10) ---


def _enable_crash_dump() -> None:
    """Has the interpreter print every thread's stack to descriptor 2 at SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT.

    A server that handles SIGABRT itself (gunicorn's timeout) keeps its handler.
    """
    if faulthandler.is_enabled() or _state.stderr is None:
        return
    try:
        theirs = signal.getsignal(signal.SIGABRT)
        faulthandler.enable(file=2, all_threads=True)
        if callable(theirs) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGABRT, theirs)
    except (OSError, ValueError, RuntimeError) as error:
        tell("WARNING", "crash", "the interpreter cannot be told to print where it crashes: %s" % error)


if _is_first:
    _enable_crash_dump()
