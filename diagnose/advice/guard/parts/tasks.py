# --- tasks: none dies in silence, threads neither (cause 6) ---


class _Supervised:
    """What is known of one background task."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.task: Any = None  # a reference, or the task may be collected while it waits
        self.become("running")

    def become(self, state: str) -> None:
        self.state = state
        self.since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def supervise(work: Any, name: str, restart: float | None = None, forever: bool = True) -> Any:
    """Starts a background task whose end is told at once and shown by the health check; returns the asyncio.Task.

    work is a coroutine or a function that makes one; with restart, the seconds before it is started anew (doubled each
    time, one minute at most), it must be a function. A task that is not meant to last has forever=False.
    """
    import asyncio

    if restart is not None and not callable(work):
        raise TypeError("supervise(%r, restart=...) needs the function, not its coroutine" % name)
    entry = _background[name] = _Supervised(name)
    entry.task = asyncio.ensure_future(_run_supervised(entry, work, restart, forever))
    if hasattr(entry.task, "set_name"):
        entry.task.set_name(name)
    return entry.task


async def _run_supervised(entry: _Supervised, work: Any, restart: float | None, forever: bool) -> Any:
    import asyncio

    task, pause = "task %r " % entry.name, restart or 0.0
    while True:
        began = time.monotonic()
        try:
            result = await (work() if callable(work) else work)
            entry.become("ended")
            if not forever:
                return result
            tell("ERROR", "tasks", task + "has come to its end, which was not expected")
        except asyncio.CancelledError:
            entry.become("cancelled")
            tell("INFO", "tasks", task + "was cancelled")
            raise
        except BaseException as error:
            entry.become("dead of " + _error_text(error))
            died = isinstance(error, Exception)  # SystemExit in a task ends the whole server
            how = "died: " if died else "takes the whole process with it: "
            tell("CRITICAL", "tasks", task + how + _error_text(error), _traceback(error) if died else "")
            if restart is None or not died:
                raise
        if restart is None:
            return None
        pause = restart if time.monotonic() - began > 60 else min(60.0, pause * 2)
        tell("WARNING", "tasks", task + "is started anew in %g s" % pause)
        await asyncio.sleep(pause)
        entry.become("running")


def background() -> dict[str, str]:
    """Each supervised task with its state: {"consumer": "dead of KeyError: 'id' at consumer.py:31 handle since …"}."""
    return {e.name: e.state + " since " + e.since for e in _background.values()}


def _dead_tasks() -> str:
    return "; ".join("task %s: %s" % item for item in background().items() if item[1].startswith(("ended", "dead")))


def _watch_plain_tasks(loop: Any) -> None:
    """Tells of a task whose exception nobody has asked for in 5 s. asyncio does so only when the task is collected:

    never, where the service keeps a reference to it.
    """
    _seen_tasks.update(sys.modules["asyncio"].all_tasks(loop))
    now = time.monotonic()
    for task in set(_seen_tasks) | {t for t in _known_tasks() if t.get_loop() is loop}:
        if task.done():
            _seen_tasks.discard(task)
            # asyncio takes the mark away when somebody asks for the exception; a second time none is told.
            if getattr(task, "_log_traceback", False) and task not in _told_tasks:
                _unasked_tasks.setdefault(task, now)
    for task, since in list(_unasked_tasks.items()):
        unasked = getattr(task, "_log_traceback", False)
        if unasked and now - since < 5:
            continue
        del _unasked_tasks[task]
        if unasked:
            _told_tasks.add(task)
            error = task._exception
            text = "task %r died and nobody has looked: %s" % (task.get_name(), _error_text(error))
            tell("CRITICAL", "tasks", text, _traceback(error))


def _thread_died(args: Any) -> None:
    """threading.excepthook: the hook that was there, then one line; a sys.exit in a thread is silent otherwise."""
    name = args.thread.name if args.thread is not None else "unknown"
    try:
        _plain_thread_hook(args)
    except Exception:
        pass
    if args.exc_type is SystemExit:
        tell("WARNING", "tasks", "thread %r left by sys.exit; the process goes on without it" % name)
        return
    error = args.exc_value if args.exc_value is not None else args.exc_type()
    text = "thread %r died, the process goes on without it: %s" % (name, _error_text(error))
    tell("CRITICAL", "tasks", text, _traceback(error) if sys.stderr is None else "")
    _dead_threads.append(name)


_background: dict[str, _Supervised] = _state.parts.setdefault("background", {})
_seen_tasks: Any = weakref.WeakSet()
_told_tasks: Any = weakref.WeakSet()
_unasked_tasks: Any = weakref.WeakKeyDictionary()
_dead_threads: list[str] = []
if _is_first:
    _plain_thread_hook = threading.excepthook
    threading.excepthook = _thread_died
    _state.in_loop.append(_watch_plain_tasks)
    _state.problems["tasks"] = _dead_tasks
    _state.gauges["threads_died"] = lambda: len(_dead_threads)
