package oom

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// redact masks secrets in all text that processes chose: names, command lines in
// the reports of user space killers, paths. It writes to copies where the log may
// be used again.
func (a *Answer) redact(r *redact.Redactor) {
	mask := func(texts ...*string) {
		for _, t := range texts {
			*t = r.Text(*t)
		}
	}
	for i := range a.Kills {
		k := &a.Kills[i]
		mask(&k.Comm, &k.Excerpt)
		if k.InvokedBy != nil {
			invoker := *k.InvokedBy
			mask(&invoker.Comm)
			k.InvokedBy = &invoker
		}
		k.Tasks = append([]kernellog.Task(nil), k.Tasks...)
		for j := range k.Tasks {
			mask(&k.Tasks[j].Comm)
		}
	}
	for i := range a.Crashes {
		c := &a.Crashes[i]
		mask(&c.Comm, &c.Excerpt, &c.Exe, &c.Object)
	}
	for i := range a.Trouble {
		t := &a.Trouble[i]
		mask(&t.Comm, &t.Excerpt, &t.Summary)
	}
}
