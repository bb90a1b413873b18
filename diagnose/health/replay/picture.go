package replay

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Picture is what phase, fault and sockets of a failed probe mean together.
type Picture struct {
	ID      string // stable, see the constants
	Kind    string // of the verdict that it leads to: hanging, failing, misconfigured
	Summary string // a clause in plain words, no full stop
}

// The pictures (docs/notes/HEALTH.md#phases).
const (
	PictureLoopBlocked   = "event-loop-blocked"
	PictureStopped       = "process-stopped"
	PictureWorkersDead   = "workers-dead"
	PictureHandlerWaits  = "handler-waits"
	PictureThreadPool    = "thread-pool-exhausted"
	PictureNoAnswer      = "no-answer"
	PictureQueueFull     = "accept-queue-full"
	PictureNoConnect     = "connect-timeout"
	PictureNothing       = "nothing-listens"
	PictureUnreachable   = "unreachable"
	PictureBodyStalls    = "body-stalls"
	PictureBrokenOff     = "broken-off"
	PictureStatus        = "error-status"
	PictureWrongProtocol = "wrong-protocol"
	PictureProbeBroken   = "probe-broken"
	PictureEngine        = "engine-trouble"
	PictureSlowStart     = "slow-start"
	PictureUnhealthyBody = "unhealthy-body"
)

// The kinds of a verdict. Unknown is where nothing was probed or recorded.
const (
	KindHealthy       = "healthy"
	KindSlow          = "slow"
	KindHanging       = "hanging"
	KindFailing       = "failing"
	KindMisconfigured = "misconfigured"
	KindUnknown       = "unknown"
)

// threadPool is AnyIO's default number of threads for `def` endpoints of Starlette
// and FastAPI.
const threadPool = 40

// pictureOf reads one failed probe.
func pictureOf(r Record, timeout time.Duration) Picture {
	switch r.Fault {
	case FaultTimeout:
		return timedOutPicture(r, timeout)
	case FaultRefused:
		return Picture{PictureNothing, KindFailing, "the connection is refused: nothing listens at that address and " +
			"port"}
	case FaultUnreachable:
		return Picture{PictureUnreachable, KindFailing, "the address cannot be reached"}
	case FaultName:
		return Picture{PictureUnreachable, KindMisconfigured, check.NoName}
	case FaultEmpty:
		return Picture{PictureBrokenOff, KindFailing, check.ClosedEmpty + ": its worker died, or it closed on purpose"}
	case FaultReset:
		return Picture{PictureBrokenOff, KindFailing, check.WasReset}
	case FaultShort:
		return Picture{PictureBrokenOff, KindFailing, check.BrokenOff}
	case FaultTLS, FaultProtocol:
		return Picture{PictureWrongProtocol, KindMisconfigured, "what answers does not speak the probe's protocol" +
			quoted(r.Detail)}
	case FaultRedirects:
		return Picture{PictureStatus, KindFailing, "the service redirects in circles"}
	case FaultEngine:
		return Picture{PictureEngine, KindFailing, "the engine could not run the probe" + quoted(r.Detail)}
	}
	return statusPicture(r)
}

func statusPicture(r Record) Picture {
	if r.HTTPStatus != nil {
		return Picture{PictureStatus, KindFailing, fmt.Sprintf("the service answers with HTTP status %d",
			*r.HTTPStatus)}
	}
	return Picture{PictureStatus, KindFailing, "the service answers, and says no" + quoted(r.Detail)}
}

// quoted appends a detail of bounded length; its renderer cleans it.
func quoted(detail string) string {
	const limit = 200
	if detail == "" {
		return ""
	}
	if len(detail) > limit {
		detail = strings.ToValidUTF8(detail[:limit], "") + "..."
	}
	return " (" + detail + ")"
}

// timedOutPicture says in which phase a timeout died, and why, as far as the
// server's sockets tell.
func timedOutPicture(r Record, timeout time.Duration) Picture {
	switch r.Reached {
	case PhaseDNS:
		return Picture{PictureUnreachable, KindFailing, "the name is not resolved within " + words.Duration(timeout)}
	case PhaseConnect:
		return noConnect(r, timeout)
	case PhaseTLS:
		return waitPicture(r, "connected, but no TLS handshake within "+words.Duration(timeout))
	case PhaseBody:
		return Picture{PictureBodyStalls, KindHanging, "the headers of an answer come, its body stalls: a stream " +
			"that " +
			"does not end, or a worker that died while it wrote"}
	}
	return waitPicture(r, "connected, but no byte of an answer within "+words.Duration(timeout))
}

func noConnect(r Record, timeout time.Duration) Picture {
	if r.Queue != nil && *r.Queue > 0 {
		return Picture{PictureQueueFull, KindHanging, fmt.Sprintf("no connection within %s: the accept queue is "+
			"full (%d "+
			"wait), and the program takes none", words.Duration(timeout), *r.Queue)}
	}
	return Picture{PictureNoConnect, KindFailing, "no connection within " + words.Duration(timeout) +
		": the address is wrong or filtered, or the accept queue is full"}
}

// waitPicture tells a blocked event loop from a handler that waits. The kernel
// shows it: a connection without an inode was never accepted, one with an inode
// and nothing unread is in the handler's hands.
func waitPicture(r Record, phase string) Picture {
	switch {
	case r.neverAccepted() && r.Listener == "T":
		return Picture{PictureStopped, KindHanging, phase +
			": the process that listens is stopped (SIGSTOP, a debugger, docker pause)"}
	case r.neverAccepted() && r.Zombies != nil && *r.Zombies > 0:
		return Picture{PictureWorkersDead, KindHanging, fmt.Sprintf("%s: the workers are dead (%s) and the parent, "+
			"which "+
			"holds the port, accepts nothing", phase, Counted(*r.Zombies, "zombie"))}
	case r.neverAccepted():
		return Picture{PictureLoopBlocked, KindHanging, phase + ": the program does not accept connections (" +
			r.queueWords() + "): its event loop is blocked" + r.doing()}
	case r.Own == OwnUnread:
		return Picture{PictureLoopBlocked, KindHanging, phase +
			": the connection is accepted, but what was sent lies unread: the event loop is blocked" + r.doing()}
	case r.Own == OwnWaiting && r.poolUsedUp():
		return Picture{PictureThreadPool, KindHanging, fmt.Sprintf("%s: the request is read and %d wait; the "+
			"program has "+
			"%d threads: a thread pool of %d (AnyIO's, for def endpoints) that is used up looks so", phase, *r.Waiting,
			*r.Threads, threadPool)}
	case r.Own == OwnWaiting:
		return Picture{PictureHandlerWaits, KindHanging, phase +
			": the request is accepted and read, its handler waits " +
			"for something: a pool, a lock, a dependency without a timeout"}
	}
	return Picture{PictureNoAnswer, KindHanging, phase + ": the event loop is blocked, or the handler waits for " +
		"something (sockets are not readable from here)"}
}

// Words of Record.Own: where the probe's own connection stood.
const (
	OwnNeverAccepted = "never-accepted"
	OwnUnread        = "unread"
	OwnWaiting       = "waiting"
)

// neverAccepted looks at the probe's own connection where that was found, else at
// all of the port's.
func (r Record) neverAccepted() bool {
	if r.Own != "" {
		return r.Own == OwnNeverAccepted
	}
	return r.NeverAccepted != nil && *r.NeverAccepted > 0
}

// poolUsedUp allows for a thread or connection that comes or goes at the moment.
func (r Record) poolUsedUp() bool {
	return r.Waiting != nil && r.Threads != nil && *r.Waiting >= threadPool && *r.Threads >= threadPool
}

func (r Record) queueWords() string {
	n := 0
	if r.NeverAccepted != nil {
		n = *r.NeverAccepted
	}
	if r.Queue != nil {
		n = max(n, *r.Queue)
	}
	return Counted(max(n, 1), "connection") + " waiting in the kernel"
}

// doing reads the state of the listening program's main thread.
func (r Record) doing() string {
	switch r.Listener {
	case "R":
		return ", its main thread computes"
	case "S":
		return ", its main thread sleeps in a blocking call"
	case "D":
		return ", its main thread waits for a disk or for memory"
	}
	return ""
}

func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
