package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
)

// parallel is how many containers are examined at a time. Each one reads the
// event ring and the kernel log; more would only make the engine slower.
const parallel = 4

// target is a container or a recorded incident before it is opened.
type target struct {
	name string
	open func(context.Context) (*bundle.Bundle, error)
}

// examineAll diagnoses every target. The diagnoses are in the order of the
// targets, whichever was ready first; those that failed are in the error. told hears how
// many are done; nil = nobody asks.
func examineAll(ctx context.Context, targets []target, keep onDiagnosis,
	told func(done int)) ([]answer.Diagnosis, error) {
	found := make([]*answer.Diagnosis, len(targets))
	errs := make([]error, len(targets))
	free := make(chan struct{}, parallel)
	var group sync.WaitGroup
	var done atomic.Int64
	for i, p := range targets {
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			found[i], errs[i] = examine(ctx, p, keep)
			if told != nil {
				told(int(done.Add(1)))
			}
		})
	}
	group.Wait()
	diagnoses := []answer.Diagnosis{}
	for _, d := range found {
		if d != nil {
			diagnoses = append(diagnoses, *d)
		}
	}
	return diagnoses, joined(errs)
}

// joined is errors.Join, with an interruption named once and not per container, and what
// was skipped in one sentence.
func joined(errs []error) error {
	var kept []error
	var skipped []*collect.SkippedError
	interrupted := false
	for _, err := range errs {
		var one *collect.SkippedError
		switch {
		case errors.As(err, &one):
			skipped = append(skipped, one)
			continue
		case errors.Is(err, context.Canceled) && interrupted:
			continue
		}
		interrupted = interrupted || errors.Is(err, context.Canceled)
		kept = append(kept, err)
	}
	if len(skipped) > 0 {
		kept = append(kept, notLookedAt(skipped, len(errs)))
	}
	return errors.Join(kept...)
}

// notLookedAt names the containers for which no time was left.
func notLookedAt(skipped []*collect.SkippedError, of int) error {
	const named = 20
	var refs []string
	for _, s := range skipped[:min(len(skipped), named)] {
		refs = append(refs, s.Ref)
	}
	list := strings.Join(refs, ", ")
	if more := len(skipped) - len(refs); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	err := fmt.Errorf("%d of %d containers were not looked at, because the %s for all of them were used up: %s",
		len(skipped), of, skipped[0].Budget, list)
	return &hinted{err, []string{"--budget 2m gives more time; the sources that kept silent are in the reports of the " +
		"others (-v)"}}
}

// examine opens and diagnoses one target. What it reads was written by
// strangers: should a parser ever fall over it, the other targets still get
// their report.
func examine(ctx context.Context, p target, keep onDiagnosis) (d *answer.Diagnosis, err error) {
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("diagnose %q: internal error: %v; please report it with the output of gwdoctor capture",
				p.name, r)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	diagnosis := diagnose.Diagnose(b)
	if keep != nil {
		keep(diagnosis, b)
	}
	return &diagnosis, nil
}
