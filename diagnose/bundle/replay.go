package bundle

import "time"

// ReplayName is $0 of a replayed shell check. It is the last word of its exec event,
// by which later diagnoses know that the engine did not run it. It ends in "sh"
// because a shell puts it before its errors.
const ReplayName = "gwdoctor-sh"

// FileReplay holds a Replay.
const FileReplay = "live/replay.json"

// Replay is live/replay.json: probes that gwdoctor ran against the container or a
// URL, one record each, and from where.
type Replay struct {
	At      time.Time `json:"at"`      // when the first probe was due
	Kind    string    `json:"kind"`    // exec, http, tcp, grpc, redis, amqp
	URL     string    `json:"url"`     // what was probed; "" for exec
	Vantage string    `json:"vantage"` // exec, container-namespace, container-address, published-port, network
	Proves  string    `json:"proves"`  // what an answer from there proves, and what not

	Planned    int     `json:"planned"` // 0 = as many as fit the duration
	IntervalMs float64 `json:"intervalMs"`
	TimeoutMs  float64 `json:"timeoutMs"`
	Skipped    int     `json:"skipped"`         // were due, but too many probes were still waiting
	Ended      string  `json:"ended,omitempty"` // why it ended before its plan: interrupted, the container ended …

	OverheadMs []float64 `json:"overheadMs"` // what an exec of nothing cost, measured before; empty = not measured
	Tool       string    `json:"tool,omitempty"`
	ToolFound  *bool     `json:"toolFound,omitempty"` // whether the image has it; nil = not looked for or not told

	Clients []string `json:"clients,omitempty"` // of python3, curl and wget those that the image has; looked for when Tool is missing

	ProcessesBefore *int    `json:"processesBefore,omitempty"` // of the container; nil = not countable from here
	ProcessesAfter  *int    `json:"processesAfter,omitempty"`
	LeftKilled      int     `json:"leftKilled"`          // processes that probes had left and gwdoctor killed
	Overflows       *uint64 `json:"overflows,omitempty"` // connections that full accept queues dropped meanwhile
	OverflowsBefore *uint64 `json:"overflowsBefore,omitempty"`

	Probes []ProbeRecord `json:"probes"` // in the order of their starts
}

// ProbeRecord is one probe. Times are milliseconds. Pointers are nil where the
// probe did not get so far, or the machine does not tell.
type ProbeRecord struct {
	At         time.Time `json:"at"`     // when it started
	TookMs     float64   `json:"tookMs"` // whole, an exec's start included
	LateMs     float64   `json:"lateMs"` // behind its place in the schedule
	ExitCode   *int      `json:"exitCode,omitempty"`
	HTTPStatus *int      `json:"httpStatus,omitempty"`
	Reached    string    `json:"reached"` // the phase in which it ended: dns connect tls wait body exec done
	DNSMs      *float64  `json:"dnsMs,omitempty"`
	ConnectMs  *float64  `json:"connectMs,omitempty"`
	TLSMs      *float64  `json:"tlsMs,omitempty"`
	WaitMs     *float64  `json:"waitMs,omitempty"` // request written to first byte
	BodyMs     *float64  `json:"bodyMs,omitempty"`
	Fault      string    `json:"fault,omitempty"`  // one word, see package health; "" = none
	Detail     string    `json:"detail,omitempty"` // the error's own words
	Note       string    `json:"note,omitempty"`   // what was odd and is no fault: a certificate that does not hold
	Output     string    `json:"output,omitempty"` // what the probe printed, or the head of the answer's body
	OutputCut  bool      `json:"outputCut,omitempty"`

	// The server's sockets shortly before the probe's deadline.
	Queue         *int   `json:"queue,omitempty"`         // accept queue of the port
	NeverAccepted *int   `json:"neverAccepted,omitempty"` // connections of the port that no program took
	Unread        *int   `json:"unread,omitempty"`        // taken, and what the client sent lies unread
	Waiting       *int   `json:"waiting,omitempty"`       // taken and read: the program owes an answer
	Own           string `json:"own,omitempty"`           // the probe's own connection: never-accepted, unread, waiting
	Threads       *int   `json:"threads,omitempty"`       // of the program that listens
	Listener      string `json:"listener,omitempty"`      // state letter of its main thread: S, R, D, T
	Zombies       *int   `json:"zombies,omitempty"`       // dead children of its own session that nobody reaped: no orphans of probes
}
