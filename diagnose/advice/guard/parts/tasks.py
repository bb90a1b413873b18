# --- tasks: none dies in silence, threads neither (cause 6) ---


class _Supervised:
    """What is known of one background task."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = "running"
        self.since = time.time()
        self.restarts = 0
        self.task: Any = None  # a reference, or the task may be collected while it waits

    def become(self, state: str) -> None:
        self.state, self.since = state, time.time()


def supervise(work: Any, name: str, restart: float | None = None, forever: bool = True) -> Any:
    """Starts a background task whose end is told at once and shown by the health check; returns the asyncio.Task.

    work is a coroutine or a function that makes one; with restart, the seconds before it is started anew (doubled each
    time, one minute at most), it must be a function. A task that is not meant to last has forever=False.
    """
    import asyncio

    if restart is not None and not callable(work):
        raise TypeError("supervise(%r, restart=...) needs the function, not its coroutine" % name)
    entry = _Supervised(name)
    _background[name] = entry
    entry.task = asyncio.ensure_future(_run_supervised(entry, work, restart, forever))
    if hasattr(entry.task, "set_name"):
        entry.task.set_name(name)
    return entry.task


async def _run_supervised(entry: _Supervised, work: Any, restart: float | None, forever: bool) -> Any:
    import asyncio

    pause = restart
    while True:
        began = time.monotonic()
        try:
            result = await (work() if callable(work) else work)
            entry.become("ended")
            if not forever:
                return result
            tell("ERROR", "tasks", "task %r has come to its end, which was not expected" % entry.name)
        except asyncio.CancelledError:
            entry.become("cancelled")
            tell("INFO", "tasks", "task %r was cancelled" % entry.name)
            raise
        except Exception as error:
            entry.become("dead of " + _error_text(error))
            tell("CRITICAL", "tasks", "task %r died: %s" % (entry.name, _error_text(error)), _traceback(error))
            if restart is None:
                raise
        except BaseException as error:  # SystemExit in a task ends the whole server
            entry.become("dead of " + _error_text(error))
            tell("CRITICAL", "tasks", "task %r takes the whole process with it: %s" % (entry.name, _error_text(error)))
            raise
        if restart is None or pause is None:
            return None
        pause = restart if time.monotonic() - began > 60 else min(60.0, pause * 2)
        tell("WARNING", "tasks", "task %r is started anew in %g s" % (entry.name, pause))
        await asyncio.sleep(pause)
        entry.restarts += 1
        entry.become("running")


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def background() -> dict[str, str]:
    """Each supervised task with its state: {"consumer": "dead of KeyError: 'id' at consumer.py:31 handle since …"}."""
    when = "%Y-%m-%dT%H:%M:%SZ"
    return {e.name: "%s since %s" % (e.state, time.strftime(when, time.gmtime(e.since))) for e in _background.values()}


def _dead_tasks() -> str:
    broken = [e.name for e in _background.values() if e.state == "ended" or e.state.startswith("dead")]
    states = background()
    return "; ".join("task %s: %s" % (name, states[name]) for name in broken)


def _watch_plain_tasks(loop: Any) -> None:
    """Tells of a task whose exception nobody has asked for in 5 s. asyncio does so only when the task is collected:

    never, where the service keeps a reference to it.
    """
    asyncio = sys.modules["asyncio"]
    known: Any = getattr(asyncio.tasks, "_scheduled_tasks", None) or getattr(asyncio.tasks, "_all_tasks", ())
    _seen_tasks.update(asyncio.all_tasks(loop))
    now = time.monotonic()
    for task in set(_seen_tasks) | {t for t in list(known) if t.get_loop() is loop}:
        if not task.done():
            continue
        _seen_tasks.discard(task)
        if getattr(task, "_log_traceback", False) and task not in _told_tasks:
            _unasked_tasks.setdefault(task, now)
    for task, since in list(_unasked_tasks.items()):
        if not getattr(task, "_log_traceback", False):
            del _unasked_tasks[task]
        elif now - since >= 5:
            del _unasked_tasks[task]
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
    error = args.exc_value
    text = _error_text(error) if error is not None else args.exc_type.__name__
    tail = _traceback(error) if error is not None and sys.stderr is None else ""
    tell("CRITICAL", "tasks", "thread %r died, the process goes on without it: %s" % (name, text), tail)
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
