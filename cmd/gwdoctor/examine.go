package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// parallel is how many containers are examined at a time. Each one reads the
// event ring and the kernel log; more would only make the engine slower.
const parallel = 4

// patient is a container or a recorded incident before it is opened.
type patient struct {
	name string
	open func(context.Context) (*bundle.Bundle, error)
}

// examineAll diagnoses every patient. The diagnoses are in the order of the
// patients, whichever was ready first; those that failed are in the error.
func examineAll(ctx context.Context, patients []patient, keep keeper) ([]answer.Diagnosis, error) {
	found := make([]*answer.Diagnosis, len(patients))
	errs := make([]error, len(patients))
	free := make(chan struct{}, parallel)
	var group sync.WaitGroup
	for i, p := range patients {
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			found[i], errs[i] = examine(ctx, p, keep)
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

// joined is errors.Join, with an interruption named once and not per container.
func joined(errs []error) error {
	var kept []error
	interrupted := false
	for _, err := range errs {
		if errors.Is(err, context.Canceled) {
			if interrupted {
				continue
			}
			interrupted = true
		}
		kept = append(kept, err)
	}
	return errors.Join(kept...)
}

// examine opens and diagnoses one patient. What it reads was written by
// strangers: should a parser ever fall over it, the other patients still get
// their report.
func examine(ctx context.Context, p patient, keep keeper) (d *answer.Diagnosis, err error) {
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("diagnose %q: internal error: %v; please report it with the output of gwdoctor capture", p.name, r)
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
