package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/oomreport"
)

// maxFollowed bounds the kills that the closing summary of a follower counts.
const maxFollowed = 10000

// oomFollow prints what the log holds and then what comes, as it comes, until it
// is interrupted; then the summary of all. As JSON it is an object a line, and no
// summary.
func (a *app) oomFollow(ctx context.Context, f oomFlags) error {
	if a.output != "" && a.output != "-" {
		err := usagef("--follow has no end at which a file could be written")
		err.hints = []string{"redirect it: gwdoctor oom --follow > FILE"}
		return err
	}
	told := a.question(ctx, f, &kernelInput{}, &kernellog.Log{}) // and added to: the summary at the end asks nobody
	if err := cmp.Or(ctx.Err(), found(told, &kernellog.Log{})); err != nil {
		return err
	}
	in, err := a.openOOM(ctx, f)
	if err != nil {
		return err
	}
	defer in.close()
	in.options.MaxRecords = math.MaxInt
	s := kernellog.NewScanner(in, in.options)
	var all kernellog.Log
	for s.Scan() {
		q, err := a.printMore(ctx, f, in, batch(s, &all))
		if err != nil {
			return err
		}
		q.Known = append(q.Known, older(told.Known, q.Known)...)
		told = q
		if err := a.writePosition(f.resume, in.live, s.Settled()); err != nil {
			return err
		}
	}
	s.Cover(&all)
	return errors.Join(s.Err(), a.printEnd(in, &all, told), a.writePosition(f.resume, in.live, s.Settled()))
}

// batch takes the records that are there, so that a group kill stays together, and
// keeps of the kills what a summary needs.
func batch(s *kernellog.Scanner, all *kernellog.Log) *kernellog.Log {
	var some kernellog.Log
	some.Add(s.Record())
	for s.Ready() && s.Scan() {
		some.Add(s.Record())
	}
	for _, k := range some.Kills {
		if k.Tasks, k.Excerpt = nil, ""; len(all.Kills) < maxFollowed {
			all.Kills = append(all.Kills, k)
		}
	}
	return &some
}

// printMore prints the records of one batch. Containers are looked up while they
// are still there.
func (a *app) printMore(ctx context.Context, f oomFlags, in *kernelInput, some *kernellog.Log) (oom.Question, error) {
	q := a.question(ctx, f, in, some)
	answer := oom.Part(in.source, some, q)
	return q, a.emit(func(w io.Writer, s layout.Style) error {
		if a.format.value == formatJSON {
			return oomreport.Lines(w, answer)
		}
		return oomreport.Records(w, answer, s)
	})
}

// older lists the containers of which nothing newer is known.
func older(known, newer []evidence.Neighbour) []evidence.Neighbour {
	var list []evidence.Neighbour
	for _, k := range known {
		if !slices.ContainsFunc(newer, func(n evidence.Neighbour) bool { return n.ID == k.ID }) {
			list = append(list, k)
		}
	}
	return list
}

func (a *app) printEnd(in *kernelInput, all *kernellog.Log, q oom.Question) error {
	if a.format.value == formatJSON {
		return nil
	}
	answer := oom.Part(in.source, all, q)
	return a.emit(func(w io.Writer, s layout.Style) error { return oomreport.Summary(w, answer, s) })
}
