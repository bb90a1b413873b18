package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// bundleOf finds the recorded incident that oom was given: by --bundle, or as the one
// file to read, a folder or an archive that is one.
func (a *app) bundleOf(ctx context.Context, f oomFlags) (*bundle.Bundle, string, error) {
	path := f.bundle
	if path == "" && len(f.files) == 1 && holdsBundle(ctx, f.files[0]) {
		path = f.files[0]
	}
	if path == "" {
		return nil, "", nil
	}
	a.member = cmp.Or(f.container, anyOf)
	b, err := a.openBundle(ctx, path)
	return b, path, err
}

// anyOf stands for whichever container of a recorded project: each recorded the kernel log of the whole host.
const anyOf = "*"

// bundledKernel opens the kernel log in a recorded incident, with the clock and the names
// that stand beside it.
func bundledKernel(b *bundle.Bundle, path string) (*kernelInput, error) {
	data, ok := b.File(bundle.FileKmsg)
	if !ok {
		data, ok = b.File(bundle.FileJournal)
	}
	if !ok {
		s := b.Source(fact.SourceKernelLog)
		why := cmp.Or(s.Detail, string(s.Status))
		return nil, &hinted{fmt.Errorf("read kernel log of bundle %q: there is none in it: %s", path, why),
			[]string{"gwdoctor diagnose --bundle " + path + " reads everything else"}}
	}
	in := &kernelInput{Reader: bytes.NewReader(data), options: kernellog.Options{Live: true}}
	in.source = oom.Source{Kind: oom.SourceFile, Files: []string{path}, Detail: "the kernel log of a recorded incident"}
	var clock evidence.Clock
	if text, ok := b.File(bundle.FileClock); ok && json.Unmarshal(text, &clock) == nil {
		in.options.Boot = clock.Boot
	}
	in.known = append([]evidence.Neighbour{}, evidence.Neighbours(b)...) // none is no error: ids are an answer, too
	if t := b.Manifest().Target; t.ID != "" {
		in.known = append(in.known, evidence.Neighbour{ID: t.ID, Name: t.Name})
	}
	return in, nil
}
