package collect

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// A collector reads one source. It returns soon after ctx ends with what it has;
// it never writes into the bundle itself, so that a late one changes nothing.
type collector struct {
	name string
	run  func(ctx context.Context, s *session) source.Outcome
}

// runAll runs the collectors side by side, each under its own deadline, and
// stores what they bring in time. A collector that is blocked in a read which
// nothing can cancel (a hung file system) is left behind.
func runAll(ctx context.Context, s *session, b *bundle.Bundle, list []collector) {
	results := make(chan source.Outcome, len(list)) // room for all: a late one never blocks
	for _, c := range list {
		go func() { results <- runOne(ctx, s, c) }()
	}
	expired := time.NewTimer(s.Timeout + source.Grace)
	defer expired.Stop()
	cancelled := ctx.Done()
	pending := names(list)
	for len(pending) > 0 {
		select {
		case o := <-results:
			delete(pending, o.Source.Name)
			o.Store(b)
		case <-cancelled:
			cancelled = nil
			expired.Reset(source.Grace)
		case <-expired.C:
			for name := range pending {
				o := source.Failed(cmp.Or(context.Cause(ctx), fmt.Errorf("gave no answer within %s and was abandoned", s.Timeout)))
				o.Source.Name = name
				o.Store(b)
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
func runOne(ctx context.Context, s *session, c collector) (o source.Outcome) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			o = source.Failed(fmt.Errorf("panic: %v at %s", p, source.PanicSite(debug.Stack())))
		}
		o.Source.Name = c.name
	}()
	return c.run(ctx, s)
}
