package inquest

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
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
	report, _ := servicelog.Scan(strings.NewReader(withoutWay(e.Status.Error)+"\n"), servicelog.Options{OneService: true})
	if report == nil || len(report.Runs) == 0 {
		return nil
	}
	return slices.DeleteFunc(report.Runs[0].Findings, func(f servicelog.Finding) bool {
		return f.Other == fact.DependencyDown || f.Other == fact.DependencyLost
	})
}

// wayThere is what each layer of a runtime puts ahead of an error that it passes on (Docker 20.10 to 29, containerd,
// runc 1.0 to 1.3, crun): which it went through, not what was wrong.
var wayThere = lazyregexp.New(`^(?:(?:failed to create (?:shim task|shim|task for container)|OCI runtime create failed|` +
	`(?:runc|crun) create failed|unable to start container process|error during container init|failed to start shim|` +
	`container_linux\.go:\d+: starting container process caused|process_linux\.go:\d+: [\w -]+? caused|` +
	`rootfs_linux\.go:\d+|runc|crun|failed to create endpoint \S+ on network \S+|` +
	`driver failed programming external connectivity on endpoint \S+ \([0-9a-f]+\)): )+`)

// Refused is what the runtime says of why it could not start the container, without the layers that passed it on; "" =
// it says nothing.
func (c Case) Refused() string {
	if c.Status == nil {
		return ""
	}
	return withoutWay(c.Status.Error)
}

func withoutWay(said string) string {
	said = strings.ReplaceAll(strings.TrimSuffix(said, ": unknown"), ": unknown: ", ": ")
	return strings.TrimPrefix(said, wayThere().FindString(said))
}
