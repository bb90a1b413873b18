package inquest

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// refusalOf reads the runtime's own error as a line like any other: the same fault has the same name, whether the
// runtime, a shell or the program itself tells of it.
//
//	exec: "celery": executable file not found in $PATH: unknown
//
// What the runtime itself could not reach, such as the collector of its log driver, is no dependency of the program:
// its 127.0.0.1 is the host.
func refusalOf(e *evidence.Evidence) []servicelog.Finding {
	if e.Status == nil || e.Status.Error == "" || len(e.Told) > 0 { // what it names itself needs no reading
		return nil
	}
	said := servicelog.Refused(e.Status.Error)
	report, _ := servicelog.Scan(strings.NewReader(said+"\n"), servicelog.Options{OneService: true})
	if report == nil || len(report.Runs) == 0 {
		return nil
	}
	return slices.DeleteFunc(report.Runs[0].Findings, func(f servicelog.Finding) bool {
		return f.Other == fact.DependencyDown || f.Other == fact.DependencyLost
	})
}

// Refused is what the runtime says of why it could not start the container, without the layers that passed it on; "" =
// it says nothing.
func (c Case) Refused() string {
	if c.Status == nil {
		return ""
	}
	return servicelog.Refused(c.Status.Error)
}
