package advice

import "strings"

// This file holds the Python that advice for a case writes itself, beside what it quotes from the guard. All of it is
// run by python_test.go: a new text needs its program there.

// inPython gives a draft its Python.
func inPython(d draft, text string) draft {
	d.snippet, d.language = literal(text), "python"
	return d
}

const (
	dumpBeforeTimeout = `import faulthandler

def pre_request(worker, req):
    faulthandler.dump_traceback_later(worker.cfg.timeout * 0.8)

def post_request(worker, req, environ, resp):
    faulthandler.cancel_dump_traceback_later()
`
	printStacks = `import faulthandler, signal
faulthandler.register(signal.SIGUSR1, all_threads=True)
`
	handleErrors = "logging.raiseExceptions = True   # in handlers of your own: except Exception: " +
		"self.handleError(record)\n"
	keepTask = `tasks.add(task)                      # a task that nobody holds may be collected
task.add_done_callback(tasks.discard)
task.add_done_callback(report)       # if not task.cancelled() and task.exception(): log it, and let the health check fail
`
	keepThread = `import logging, os, threading

def ended(args):
    logging.critical("thread %s died", args.thread.name, exc_info=(args.exc_type, args.exc_value, args.exc_traceback))
    os._exit(1)   # whoever restarts the container brings it back

threading.excepthook = ended   # before the first thread starts; a target that returns ends its thread, too: loop in it
`
	boundWait   = "if not lock.acquire(timeout=30):\n    raise RuntimeError(\"no lock in 30 s\")\n"
	socketLimit = "sock.settimeout(5)   # then recv and send raise TimeoutError\n"
)

// client is a library by which a program talks to a server, and how its waits are bounded.
type client struct{ library, title, snippet string }

// called tells whether a file is the library's own; those of Python itself lie in no folder of packages.
func (l client) called(file string) bool {
	return strings.Contains(file, "-packages/"+l.library+"/") ||
		strings.HasSuffix(file, "/"+l.library) && strings.Contains(file, "/lib/python3")
}

// clients are the limits that each client library has, and lacks unless it is told.
var clients = []client{
	{"redis", "Give the redis client time limits: it waits without end by default",
		"socket_timeout=2, socket_connect_timeout=2,   # of redis.Redis(…)\n"},
	{"sqlalchemy", "Give the database connections a time limit",
		"pool_timeout=5, pool_pre_ping=True,   # of create_engine(…)\n"},
	{"psycopg2", "Give the database connections a time limit",
		"connect_timeout=3, options=\"-c statement_timeout=5000\",   # of psycopg2.connect(…)\n"},
	{"psycopg", "Give the database connections a time limit",
		"connect_timeout=3, options=\"-c statement_timeout=5000\",   # of psycopg.connect(…)\n"},
	{"asyncpg", "Give the database connections a time limit",
		"timeout=3, command_timeout=5,   # of asyncpg.connect(…) or create_pool(…)\n"},
	{"pymysql", "Give the database connections a time limit",
		"connect_timeout=3, read_timeout=5, write_timeout=5,   # of pymysql.connect(…)\n"},
	{"pymongo", "Give the MongoDB client time limits", "serverSelectionTimeoutMS=3000, socketTimeoutMS=5000,   # of " +
		"MongoClient(…)\n"},
	{"aio_pika", "Give the broker's connection a time limit", "timeout=5,   # of aio_pika.connect_robust(…)\n"},
	{"pika", "Give the broker's connection time limits", "socket_timeout=5, blocked_connection_timeout=30,   # of " +
		"pika.ConnectionParameters(…)\n"},
	{"requests", "Give each request a time limit: requests has none by default",
		"timeout=(3, 5),   # of requests.get(…): to connect, to read\n"},
	{"httpx", "Give each request a time limit that fits", "timeout=httpx.Timeout(5),\n"},
	{"urllib3", "Give each request a time limit", "timeout=urllib3.Timeout(connect=3, read=5),\n"},
	{"aiohttp", "Give each request a time limit that fits: aiohttp's own is five minutes",
		"timeout=aiohttp.ClientTimeout(total=5),   # of aiohttp.ClientSession(…)\n"},
	{"urllib/request.py", "Give each request a time limit: urlopen has none by default", "timeout=5,   # of urlopen(…)\n"},
	{"http/client.py", "Give the connection a time limit: http.client has none by default",
		"timeout=5,   # of http.client.HTTPConnection(…)\n"},
	{"smtplib.py", "Give the mail server's connection a time limit", "timeout=10,   # of smtplib.SMTP(…)\n"},
	{"ftplib.py", "Give the file server's connection a time limit", "timeout=10,   # of ftplib.FTP(…)\n"},
}

// poolLimits are what each pool is to be told, by the signature that names it.
var poolLimits = []struct{ signature, title, snippet string }{
	{"sqlalchemy-", "Give every connection back, then size the pool of {poolsize} + {overflow}",
		"with engine.connect() as connection:   # gives it back, whatever happens\n    ...\n"},
	{"sqlalchemy-", "Give every connection back", "with engine.connect() as connection:   # gives it back, whatever " +
		"happens\n    ...\n"},
	{"redis-pool-", "Wait for a free redis connection for a bounded time",
		"redis.BlockingConnectionPool(timeout=2)   # and max_connections as the load needs\n"},
	{"asyncpg-pool-", "Give every connection back, and bound the wait",
		"async with pool.acquire(timeout=5) as connection:\n    ...\n"},
	{"psycopg2-pool-", "Give every connection back", "try:\n    ...\nfinally:\n    pool.putconn(connection)\n"},
	{"psycopg-pool-", "Give every connection back, and bound the wait",
		"with pool.connection(timeout=5) as connection:\n    ...\n"},
	{"httpx-pool-", "Close every response, and use one client",
		"async with client.stream(\"GET\", url) as response:\n    ...\n"},
	{"redis-server-maxclients", "Let all clients together hold fewer connections than redis takes, or raise its " +
		"maxclients", "redis.BlockingConnectionPool(max_connections=10, timeout=2)\n"},
	{"fd-", "Close what it opens, or raise the limit on open files", ""},
	{"asyncio-accept-", "Close what it opens, or raise the limit on open files", ""},
}
