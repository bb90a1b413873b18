# --- heartbeat: a silent log and a dead service are two things ---


def vitals() -> str:
    """One line of how the process is."""
    texts = ["up %.0f s" % (time.monotonic() - _state.started), "pid %d" % os.getpid(),
             "%d threads" % threading.active_count()]
    tasks = len(_all_tasks()) if _state.loops else None
    if tasks is not None:
        texts.append("%d tasks" % tasks)
    for name, gauge in sorted(_state.gauges.items()):
        try:
            value = gauge()
        except Exception:
            continue
        is_size = name.endswith("_bytes")
        texts.append("%s %.0f MiB" % (name[:-6], value / (1 << 20)) if is_size else "%s %.3g" % (name, value))
    texts += ["%s %d" % (name, count) for name, count in sorted(_state.counts.items()) if count]
    problems = [text for text in (ask() for ask in list(_state.problems.values())) if text]
    return ", ".join(texts) + ("; PROBLEMS: " + "; ".join(problems) if problems else "")


def _beat() -> float:
    pause = setting("HEARTBEAT", 60.0)
    now = time.monotonic()
    if pause <= 0:
        return 60.0
    if _beats and now >= _beats[0]:
        tell("INFO", "heartbeat", vitals())
    if not _beats or now >= _beats[0]:
        _beats[:] = [now + pause]
    return max(0.05, _beats[0] - now)


_beats: list[float] = []
if _is_first:
    _every(_beat)
