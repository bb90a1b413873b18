# --- logging: no record is lost because its handler failed (cause 3) ---


def _rescue(record: logging.LogRecord, handler: object, why: str) -> None:
    """Writes a record to descriptor 2 that a handler could not write."""
    if getattr(_rescuing, "now", False):
        return  # rescuing must not log
    _rescuing.now = True
    try:
        _state.counts["records_rescued"] += 1
        by = "" if handler is None else " in " + _text(lambda: repr(handler), lambda: type(handler).__name__)
        # Where the arguments do not fit, both stand side by side.
        said = _text(record.getMessage, lambda: "%s %r" % (record.msg, record.args), lambda: (
            "(a message that cannot be formatted, from %s:%d)" % (record.pathname, record.lineno)))
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        tail = _text(lambda: _traceback(error) if error else record.exc_text + "\n" if record.exc_text else "")
        tell("ERROR", "logging", "%s%s; its record: %s %s: %s" % (why, by, record.levelname, record.name, said), tail)
    except Exception:
        _state.counts["guard_errors"] += 1
    finally:
        _rescuing.now = False


def _text(*ways: Callable[[], str]) -> str:
    """What the first of the ways gives that does not throw."""
    for way in ways:
        try:
            return way()
        except Exception:
            pass
    return ""


def _handle(handler: logging.Handler, record: logging.LogRecord) -> Any:
    """logging.Handler.handle that neither throws into the caller nor waits for ever for the handler's lock.

    Every record passes here, so a healthy one pays for a try and for the lock, which logging itself takes once more.
    """
    lock = getattr(handler, "lock", None)
    if lock is not None and not lock.acquire(False) and not _wait_for(lock, handler, record):
        return False
    try:
        if _stuck:
            _stuck.discard(id(handler))
        return _plain_handle(handler, record)
    except RecursionError:
        raise  # as logging itself does: the stack is used up, not the handler broken
    except Exception as error:
        listens = _listener_of(threading.current_thread()) is not None
        dies = ", in a log queue's listener, whose thread would have died of it" if listens else ""
        _rescue(record, handler, _error_text(error) + dies)
        return False
    finally:
        if lock is not None:
            lock.release()


def _wait_for(lock: Any, handler: logging.Handler, record: logging.LogRecord) -> bool:
    """The first record waits for a while, the next ones not again: whoever holds the lock is stuck."""
    if id(handler) not in _stuck and lock.acquire(timeout=setting("LOCK_WAIT", 2.0)):
        return True
    _stuck.add(id(handler))
    _rescue(record, handler, "the lock is held by another thread")
    return False


def _listener_of(thread: Any) -> Any:
    """The QueueListener that a thread works for, None where it does not."""
    owner = getattr(getattr(thread, "_target", None), "__self__", None)
    handlers = sys.modules.get("logging.handlers")
    return owner if handlers is not None and isinstance(owner, handlers.QueueListener) else None


def _handle_error(handler: logging.Handler, record: logging.LogRecord) -> None:
    """logging.Handler.handleError that rescues the record first; logging.raiseExceptions does not matter."""
    error = sys.exc_info()[1]
    _rescue(record, handler, _error_text(error) if error else "the handler gave it up")
    try:
        _plain_handle_error(handler, record)  # prints "--- Logging error ---" where stderr takes it
    except Exception:
        pass  # sys.stderr is closed


def _handle_in_logger(logger: logging.Logger, record: logging.LogRecord) -> None:
    """logging.Logger.handle that survives a filter that throws."""
    try:
        _plain_logger_handle(logger, record)
    except RecursionError:
        raise
    except Exception as error:
        _rescue(record, None, _error_text(error))


def _watch_listeners() -> float:
    """Stands in for a QueueListener whose thread is gone: it died, or the process forked and threads stay behind."""
    for thread in threading.enumerate():
        listener = _listener_of(thread)
        if listener is not None:
            _listeners[listener] = thread
    for listener, thread in list(_listeners.items()):
        if thread.is_alive() or getattr(listener, "_thread", None) is not thread:
            continue  # at work, or stopped on purpose
        if listener not in _dead_listeners:
            _dead_listeners.add(listener)
            text = "the thread of a log queue's listener is gone; the guard hands its records on"
            tell("CRITICAL", "logging", text)
        _drain(listener)
    return 1.0


def _drain(listener: Any) -> None:
    for _ in range(10000):
        try:
            record = listener.dequeue(False)
        except Exception:  # queue.Empty
            return
        try:
            if isinstance(record, logging.LogRecord):
                listener.handle(record)
        except Exception as error:
            _rescue(record, listener, _error_text(error))


def _watch_disabled_loggers() -> float:
    """logging.config disables every logger that exists before it, unless told otherwise; the servers' own too."""
    for name in ("asyncio", "uvicorn", "uvicorn.error", "gunicorn.error", "hypercorn.error", "celery"):
        logger = logging.Logger.manager.loggerDict.get(name)
        if getattr(logger, "disabled", False) and name not in _told_disabled:
            _told_disabled.add(name)
            text = "logger %r is disabled (disable_existing_loggers): what it says is lost"
            tell("WARNING", "logging", text % name)
    return 5.0


_rescuing = threading.local()
_stuck: set[int] = set()  # ids of the handlers whose lock did not come free in time
_listeners: Any = weakref.WeakKeyDictionary()
_dead_listeners: Any = weakref.WeakSet()
_told_disabled: set[str] = set()
if _is_first:
    _plain_handle = logging.Handler.handle
    _plain_handle_error = logging.Handler.handleError
    _plain_logger_handle = logging.Logger.handle
    setattr(logging.Handler, "handle", _handle)
    setattr(logging.Handler, "handleError", _handle_error)
    setattr(logging.Logger, "handle", _handle_in_logger)
    _state.problems["logging"] = lambda: "a log queue has no listener" if _dead_listeners else ""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_watch_listeners)
    _every(_watch_listeners)
    _every(_watch_disabled_loggers)
