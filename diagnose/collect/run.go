package collect

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// A collector reads one source. It returns soon after ctx ends with what it has;
// it never writes into the bundle itself, so that a late one changes nothing.
type collector struct {
	name string
	run  func(ctx context.Context, s *session) outcome
}

// outcome is what a source gave: its entry for the manifest, and files.
type outcome struct {
	source bundle.Source
	files  []file
}

type file struct {
	name string
	data []byte
}

// with adds a file to an outcome.
func (o outcome) with(name string, data []byte) outcome {
	o.files = append(o.files, file{name, data})
	return o
}

// store writes the outcome into b.
func (o outcome) store(b *bundle.Bundle) {
	for _, f := range o.files {
		b.Put(f.name, f.data)
		o.source.Files = append(o.source.Files, f.name)
	}
	b.SetSource(o.source)
}

func collected(detail string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusCollected, Detail: detail}}
}

func truncated(detail string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusTruncated, Detail: detail}}
}

func absent(detail, command string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusAbsent, Detail: detail, Command: command}}
}

func denied(detail, command string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusDenied, Detail: detail, Command: command}}
}

func failed(err error) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusFailed, Detail: err.Error()}}
}

// grace is how long past its deadline a collector may take to notice it.
const grace = 200 * time.Millisecond

// runAll runs the collectors side by side, each under its own deadline, and
// stores what they bring in time. A collector that is blocked in a read which
// nothing can cancel (a hung file system) is left behind.
func runAll(ctx context.Context, s *session, b *bundle.Bundle, list []collector) {
	results := make(chan outcome, len(list)) // room for all: a late one never blocks
	for _, c := range list {
		go func() { results <- runOne(ctx, s, c) }()
	}
	expired := time.NewTimer(s.Timeout + grace)
	defer expired.Stop()
	cancelled := ctx.Done()
	pending := names(list)
	for len(pending) > 0 {
		select {
		case o := <-results:
			delete(pending, o.source.Name)
			o.store(b)
		case <-cancelled:
			cancelled = nil
			expired.Reset(grace)
		case <-expired.C:
			for name := range pending {
				o := failed(fmt.Errorf("gave no answer within %s and was abandoned", s.Timeout))
				o.source.Name = name
				o.store(b)
			}
			return
		}
	}
}

func names(list []collector) map[string]bool {
	set := map[string]bool{}
	for _, c := range list {
		set[c.name] = true
	}
	return set
}

// runOne runs one collector; a panic is a failed source, not the end of the run.
func runOne(ctx context.Context, s *session, c collector) (o outcome) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			o = failed(fmt.Errorf("panic: %v at %s", p, panicSite(debug.Stack())))
		}
		o.source.Name = c.name
	}()
	return c.run(ctx, s)
}

// panicSite returns the file and line that panicked, from a stack such as
//
//	panic({0x…})
//		/usr/lib/go/src/runtime/panic.go:792 +0x132
//	github.com/…/collect.parse(…)
//		/src/collect/logs.go:41 +0x1d
func panicSite(stack []byte) string {
	_, after, _ := strings.Cut(string(stack), "\npanic(")
	lines := strings.Split(after, "\n")
	if len(lines) < 4 {
		return "unknown place"
	}
	site, _, _ := strings.Cut(strings.TrimSpace(lines[3]), " ")
	return site
}
