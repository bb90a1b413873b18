# --- pools: how full they are, before they are empty (cause 8) ---


def watch_pool(name: str, pool: Any) -> None:
    """Watches a connection pool: of redis, SQLAlchemy, aio-pika, or what a function says that returns (used, most)."""
    is_function = callable(pool) and not hasattr(pool, "checkedout")
    read: Callable[[], tuple[int, int]] = pool if is_function else lambda: _pool_use(pool)
    _pools[name] = read
    _state.gauges['pool_used{pool="%s"}' % name] = lambda: read()[0]
    _state.gauges['pool_most{pool="%s"}' % name] = lambda: read()[1]


def _pool_use(pool: Any) -> tuple[int, int]:
    """(in use, most) of a pool, by the fields that its library has had for years."""
    pool = getattr(pool, "connection_pool", pool)  # a redis client
    pool = getattr(pool, "sync_engine", pool)
    inner = getattr(pool, "pool", pool)  # an SQLAlchemy engine
    if hasattr(inner, "checkedout"):
        overflow = getattr(inner, "_max_overflow", 0)
        return inner.checkedout(), inner.size() + overflow if overflow >= 0 else 1 << 30
    if hasattr(pool, "max_connections"):
        used = getattr(pool, "_in_use_connections", None)
        if used is None:  # a blocking pool keeps all it made in one list and the free ones in its queue
            free = [c for c in getattr(getattr(pool, "pool", None), "queue", ()) if c is not None]
            return len(getattr(pool, "_connections", ())) - len(free), pool.max_connections
        return len(used), pool.max_connections
    created = getattr(pool, "_Pool__created", None)  # aio_pika.pool.Pool
    if created is not None:
        return created - pool._Pool__items.qsize(), pool._Pool__max_size or 1 << 30
    raise TypeError("%r is no pool that the guard knows: give watch_pool a function" % type(pool).__name__)


def open_files() -> tuple[int, int]:
    """Open descriptors and how many this process may have."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return len(os.listdir("/proc/self/fd")) - 1, most if most > 0 else 1 << 30


def _watch_pools() -> float:
    began = time.thread_time()
    for name, read in list(_pools.items()):
        try:
            used, most = read()
        except Exception as error:
            _tell_pool(name, "unreadable", "pool %s cannot be read: %s" % (name, _error_text(error)))
            continue
        is_full = used >= most
        text = "pool %s is %s: %d of %d connections are out"
        text %= name, "used up" if is_full else "nearly used up", used, most
        _tell_use(name, used, most, "full" if is_full else "high", text)
    if os.path.isdir("/proc/self/fd"):
        used, most = open_files()
        text = "%d of %d file descriptors are open; at the limit no connection is taken any more"
        _tell_use("files", used, most, "high", text % (used, most))
    return max(1.0, 200 * (time.thread_time() - began))  # at most half a percent of the time


def _tell_use(name: str, used: int, most: int, level: str, text: str) -> None:
    if used >= 0.9 * most:
        _tell_pool(name, level, text)
    elif used < 0.7 * most:
        _pools_told.pop(name, None)


def _tell_pool(name: str, level: str, text: str) -> None:
    if _pools_told.get(name) not in (level, "full"):
        _pools_told[name] = level
        tell("ERROR" if level == "full" else "WARNING", "pools", text)


_pools: dict[str, Callable[[], tuple[int, int]]] = _state.parts.setdefault("pools", {})
_pools_told: dict[str, str] = {}
if _is_first:
    _every(_watch_pools)
    if os.path.isdir("/proc/self/fd"):
        _state.gauges["open_files"] = lambda: open_files()[0]
