package cause

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// limitsReached are the findings of a backend's own log that say: it takes no more. Its clients wait, most of them
// without a word (docs/notes/PYTHON.md#1.8: publishers that a broker's alarm blocks hang for ever).
var limitsReached = map[string]bool{
	"rabbitmq-connection-limit": true, "rabbitmq-channel-max": true,
	"redis-server-accept-failed": true, "redis-server-memory": true, "postgres-too-many-clients": true,
}

// backendRule sees a backend that had reached its limit before this container was in trouble: then the root lies there
// (docs/notes/PYTHON.md#4.1). Afterwards it may as well be an effect.
var backendRule = Rule{
	ID: "backend-at-its-limit", Weight: 16, Source: fact.SourceNeighbours,
	Why: "a service that it depends on said that it takes no more, before this container's first sign of trouble; " +
		"that it was this service it waited for is likely, not proven",
	See: seeBackend(limitsReached),
}

// alarmBefore is the same of a broker's alarm, which is no limit of a pool. Where it goes on, [brokerAlarmed] sees
// more.
var alarmBefore = Rule{
	ID: "broker-had-an-alarm", Fact: "dependency", Weight: 16, Source: fact.SourceNeighbours,
	Why: "a broker blocked its publishers before this container's first sign of trouble; that this service published " +
		"is likely, not proven",
	See: seeBackend(map[string]bool{"rabbitmq-resource-alarm": true}),
}

// seeBackend sees a neighbour that had said one of these things before the first trouble, and not taken it back.
func seeBackend(said map[string]bool) func(c inquest.Case) []Observation {
	return func(c inquest.Case) []Observation {
		trouble := c.FirstTrouble()
		if trouble == nil {
			return nil
		}
		for _, f := range c.Backends {
			if !said[f.ID] || f.At.IsZero() || f.At.After(*trouble) || clearedBetween(c, f, *trouble) {
				continue
			}
			at := f.At
			return saw(&at, fmt.Sprintf("its neighbour %q says: %s; %s before the first sign of trouble here, so "+
				"the root is there",
				f.Name, f.Meaning(), words.Duration(trouble.Sub(at))), f.Excerpt)
		}
		return nil
	}
}

// clearedBetween tells whether a broker took an alarm back before this container was in trouble.
func clearedBetween(c inquest.Case, alarm inquest.BackendFinding, trouble time.Time) bool {
	for _, f := range c.Backends {
		if f.ID == "rabbitmq-alarm-cleared" && f.Name == alarm.Name && f.LastAt.After(alarm.LastAt) &&
			f.LastAt.Before(trouble) {
			return true
		}
	}
	return false
}

// heartbeatsMissed sees a broker that cut a client off because it heard nothing from it.
var heartbeatsMissed = Rule{
	ID: "broker-missed-heartbeats", Weight: 6, Source: fact.SourceNeighbours,
	Why: "a broker heard nothing from a client for longer than its heartbeat: that client's loop was blocked, or " +
		"its process gone; it need not be this one",
	See: func(c inquest.Case) []Observation {
		for _, f := range c.Backends {
			if f.ID == "rabbitmq-missed-heartbeats" && !f.At.IsZero() {
				at := f.At
				return saw(&at, fmt.Sprintf("its neighbour %q missed a client's heartbeats", f.Name), f.Excerpt)
			}
		}
		return nil
	},
}
