# --- memory: the slope before the kernel's kill, which itself can be told by nobody inside (cause 1) ---

_MEBIBYTE = 1 << 20


def _read(path: str) -> str:
    """The text of a small file of the kernel, "" where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(65536).decode("ascii", "replace")
    except OSError:
        return ""


def _number(path: str) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdigit() else None


class _Cgroup:
    """The files of the cgroup that limits this process' memory, version 1 or 2; folder is "" where none does."""

    def __init__(self, own: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> None:
        self.folder = ""
        self.limit = 0  # bytes; 0 = none
        self.usage, self.inactive = "memory.current", "\ninactive_file "
        for line in _read(own).splitlines():
            fields = line.split(":", 2)
            if len(fields) < 3:
                continue
            if fields[0] == "0" and os.path.exists(root + "/cgroup.controllers"):
                self._find(root, fields[2], "memory.max")
            elif "memory" in fields[1].split(","):
                self.usage, self.inactive = "memory.usage_in_bytes", "\ntotal_inactive_file "
                self._find(root + "/memory", fields[2], "memory.limit_in_bytes")

    def _find(self, root: str, path: str, name: str) -> None:
        """The tightest limit from the process' own group up to the root. In a container the own one is the root."""
        path = path.rstrip("/") if os.path.isdir(root + path) else ""
        while True:
            limit = _number("%s%s/%s" % (root, path, name))
            if limit is not None and limit < 1 << 60 and (not self.limit or limit < self.limit):
                self.limit, self.folder = limit, root + path
            if not path:
                return
            path = path.rpartition("/")[0]

    def used(self) -> int | None:
        """Bytes that the kernel cannot just drop: files on tmpfs and child processes count, page cache does not."""
        usage = _number(self.folder + "/" + self.usage)
        if usage is None or usage < self.limit // 2:
            return usage
        stat_text = _read(self.folder + "/memory.stat")
        at = stat_text.find(self.inactive)
        if at < 0:
            return usage
        return usage - int(stat_text[at + len(self.inactive):].split("\n", 1)[0])

    def kills(self) -> int | None:
        """How many processes of the group the kernel has killed for memory so far."""
        for name in ("memory.events", "memory.oom_control"):
            for line in _read(self.folder + "/" + name).splitlines():
                if line.startswith("oom_kill ") and line[9:].isdigit():
                    return int(line[9:])
        return None


def resident() -> int:
    """Bytes of memory that this process holds (RSS); 0 where it cannot be told."""
    fields = _read("/proc/self/statm").split()
    if len(fields) > 1:
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        return int(__import__("psutil").Process().memory_info().rss)  # only where there is no /proc
    except Exception:
        return 0


def memory() -> dict[str, float]:
    """rss, used and limit in bytes, percent of the limit: for a page of one's own."""
    group = _cgroup()
    used = (group.used() if group.limit else None) or resident()
    answer: dict[str, float] = {"rss": resident(), "used": used}
    if group.limit:
        answer.update(limit=group.limit, percent=100.0 * used / group.limit)
    return answer


def _cgroup() -> _Cgroup:
    if "cgroup" not in _memory_seen:
        _memory_seen["cgroup"] = _Cgroup()
    group: _Cgroup = _memory_seen["cgroup"]
    return group


def _watch_memory() -> float:
    """Warns at 80 and 90 % of the limit. The faster it rises the sooner it looks again, 20 times a second at most."""
    group = _cgroup()
    if not group.limit:
        return 60.0
    used = group.used() or 0
    percent = 100.0 * used / group.limit
    level = 90 if percent >= 90 else 80 if percent >= 80 else 0
    told = _memory_seen.get("told", 0)
    if level > told:
        mine = resident()
        text = "%.0f %% of the limit: %d of %d MiB used, this process %d MiB; the kernel kills at 100 %%"
        tell("CRITICAL" if level == 90 else "WARNING", "memory",
             text % (percent, used // _MEBIBYTE, group.limit // _MEBIBYTE, mine // _MEBIBYTE))
    if level > told or percent < 70:
        _memory_seen["told"] = level
    _watch_kills(group)
    return _time_to_look(used, group.limit)


def _time_to_look(used: int, limit: int) -> float:
    """A quarter of the time until 90 % at the present slope, between 0.05 and 1 s."""
    now = time.monotonic()
    before, at = _memory_seen.get("used", used), _memory_seen.get("at", now)
    _memory_seen.update(used=used, at=now)
    rise = (used - before) / (now - at) if now > at else 0.0
    if rise <= 0:
        return 1.0
    return float(min(1.0, max(0.05, (0.9 * limit - used) / rise / 4)))


def _watch_kills(group: _Cgroup) -> None:
    kills = group.kills()
    before = _memory_seen.get("kills")
    if kills is not None and before is not None and kills > before:
        text = "the kernel has killed %d process(es) of this container for memory"
        tell("CRITICAL", "memory", text % (kills - before))
    _memory_seen["kills"] = kills


_memory_seen: dict[str, Any] = {}
if _is_first:
    _every(_watch_memory)
    _state.gauges["resident_bytes"] = resident
    _state.gauges["memory_used_ratio"] = lambda: float(memory()["percent"]) / 100
