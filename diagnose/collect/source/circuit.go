package source

import (
	"fmt"
	"sync"
)

// silences is how often an endpoint may keep silent before it is not asked again. A
// stuck log driver hangs inspect and logs of one container, and a hung kubelet the logs of its node's pods, so one or
// two tell nothing of the others; of a pass over fifty containers the rest would wait in vain. An endpoint that answers
// for most is asked for the others, too.
const silences = 3

// Circuit remembers which endpoints keep silent: "GET /containers/*/logs". The zero value is ready.
type Circuit struct {
	mu     sync.Mutex
	counts map[string]talk
}

// talk is how an endpoint has answered so far.
type talk struct{ silent, answered int }

// Open returns a *SilentError where an endpoint is not to be asked any more.
func (c *Circuit) Open(endpoint string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.counts[endpoint]
	if t.silent < silences || t.silent <= t.answered {
		return nil
	}
	return &SilentError{Endpoint: endpoint, Times: t.silent}
}

// Silent notes a call whose time was up.
func (c *Circuit) Silent(endpoint string) { c.count(endpoint, talk{silent: 1}) }

// Answered notes a call that was answered, with whatever.
func (c *Circuit) Answered(endpoint string) { c.count(endpoint, talk{answered: 1}) }

func (c *Circuit) count(endpoint string, one talk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]talk{}
	}
	t := c.counts[endpoint]
	c.counts[endpoint] = talk{t.silent + one.silent, t.answered + one.answered}
}

// SilentError says that an endpoint is not asked any more.
type SilentError struct {
	Endpoint string
	Times    int
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("not asked: %d times there was no answer to %s", e.Times, e.Endpoint)
}
