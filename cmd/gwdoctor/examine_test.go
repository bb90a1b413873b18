package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestExamineAllIsBoundedAndOrdered: never more than four at a time, and the
// reports in the order that was asked for, though the last are ready first.
func TestExamineAllIsBoundedAndOrdered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 12
		var active, most atomic.Int32
		var targets []target
		for i := range n {
			name := fmt.Sprintf("c%02d", i)
			targets = append(targets, target{name, func(context.Context) (*bundle.Bundle, error) {
				most.Store(max(most.Load(), active.Add(1)))
				defer active.Add(-1)
				time.Sleep(time.Duration(n-i) * time.Second) // the bubble's clock
				return bundle.New("test", bundle.Target{ID: name, Name: name}, now), nil
			}})
		}
		found, err := examineAll(context.Background(), targets, nil, nil)
		must(t, err)
		if most.Load() != parallel {
			t.Errorf("%d at a time, want %d", most.Load(), parallel)
		}
		for i, d := range found {
			if want := fmt.Sprintf("c%02d", i); d.Target.Name != want {
				t.Errorf("report %d is about %s, want %s", i, d.Target.Name, want)
			}
		}
		if len(found) != n {
			t.Errorf("%d reports, want %d", len(found), n)
		}
	})
}

// TestOnePanicIsNotAll: a bundle that breaks the diagnosis leaves the others'
// reports standing.
func TestOnePanicIsNotAll(t *testing.T) {
	found, err := examineAll(context.Background(), []target{
		{"bad", func(context.Context) (*bundle.Bundle, error) { panic("hostile") }},
		{"good", func(context.Context) (*bundle.Bundle, error) { return deadContainer(t, "good", 0, false), nil }},
	}, nil, nil)
	if len(found) != 1 || found[0].Target.Name != "good" || err == nil || !strings.Contains(err.Error(), `"bad"`) {
		t.Errorf("%d diagnoses, error %v", len(found), err)
	}
}

func TestJoinedNamesAnInterruptionOnce(t *testing.T) {
	canceled := fmt.Errorf("collect: %w", context.Canceled)
	other := errors.New("other")
	if got := joined([]error{canceled, nil, other, canceled}); got.Error() != "collect: context canceled\nother" {
		t.Errorf("joined = %q", got)
	}
	if got := joined([]error{nil, nil}); got != nil {
		t.Errorf("joined of nothing = %v", got)
	}
}
