# --- watchdog: an event loop that stands still is told, with the line that holds it (cause 2) ---


class _LoopState:
    """How one event loop answers: the guard's thread asks it to run a function, once a second."""

    def __init__(self) -> None:
        self.thread = 0
        self.asked = 0.0
        self.waiting = False
        self.told = False

    def stall(self) -> str:
        """What to say of a loop that has not answered for long, "" of any other."""
        late = time.monotonic() - self.asked
        if not self.waiting or late < setting("STALL", 5.0):
            return ""
        return "the event loop has stood still for %.1f s at %s" % (late, _stands(self.thread))


def watch_loop(loop: Any = None) -> None:
    """Watches an event loop; the running one. Only needed where the guard does not find it by itself."""
    import asyncio

    _state.loops.setdefault(loop or asyncio.get_running_loop(), _LoopState())


def _watch_loops() -> float:
    limit = setting("STALL", 5.0)
    pause = min(1.0, limit / 4)
    now = time.monotonic()
    late = now - _watched_at[0] if _watched_at else 0.0
    _watched_at[:] = [now + pause]
    _find_loops()
    stood = late > max(2.0, limit / 2)
    if stood:  # Not the loop's doing: this thread did not run either.
        text = "the whole process stood still for %.1f s: paused, without CPU, or C code kept the interpreter's lock"
        tell("WARNING", "watchdog", text % late)
    for loop, state in list(_state.loops.items()):
        if stood:
            state.asked = now
        _watch_loop(loop, state)
    return pause


def _watch_loop(loop: Any, state: _LoopState) -> None:
    if loop.is_closed() or not loop.is_running():
        state.waiting = False
    elif not state.waiting:
        state.waiting, state.asked = True, time.monotonic()
        loop.call_soon_threadsafe(_answer, loop, state)
    elif not state.told and state.stall():
        state.told = True
        tell("CRITICAL", "watchdog", state.stall())
        dump("what the threads and tasks did meanwhile")


def _answer(loop: Any, state: _LoopState) -> None:
    """Runs in the loop: it turns."""
    state.thread = threading.get_ident()
    state.waiting = False
    if state.told:
        state.told = False
        tell("WARNING", "watchdog", "the event loop goes on after %.1f s" % (time.monotonic() - state.asked))
    for look in _state.in_loop:
        try:
            look(loop)
        except Exception:
            _state.counts["guard_errors"] += 1


def _find_loops() -> None:
    """Finds running loops by the frames that run them, uvloop's by their tasks: a service need not name them."""
    if not hasattr(sys.modules.get("asyncio"), "all_tasks"):
        return
    frame: Any
    for ident, frame in sys._current_frames().items():
        while frame is not None:
            if frame.f_code.co_name == "run_forever" and frame.f_code.co_filename.endswith("base_events.py"):
                _state.loops.setdefault(frame.f_locals["self"], _LoopState()).thread = ident
            frame = frame.f_back
    if "uvloop" in sys.modules:
        for task in _known_tasks():
            _state.loops.setdefault(task.get_loop(), _LoopState())


def _known_tasks() -> list[Any]:
    """Every task that asyncio knows, finished ones too (but for Python 3.14, which forgets them)."""
    tasks: Any = sys.modules["asyncio"].tasks
    known: Any = getattr(tasks, "_scheduled_tasks", None) or getattr(tasks, "_all_tasks", ())
    return list(known)


def _stalled() -> str:
    """What health answers for a loop that cannot: where it stands."""
    return next(filter(None, (state.stall() for state in list(_state.loops.values()))), "")


_watched_at: list[float] = []
if _is_first:
    _every(_watch_loops)
    _state.problems["watchdog"] = _stalled
    if "asyncio" in sys.modules:
        try:
            watch_loop()
        except RuntimeError:
            pass  # none runs yet
