// Package diagnose is the pipeline from a bundle to an answer, on one page:
//
//	bundle ─► evidence ─► inquest ─► rank (cause) ─► answer
//	raw       facts of    lives,     odds of the     the one
//	files     any         signs,     ten and the     document
//	          runtime     death      alternatives
//
// Everything in it is pure: no network, no disk, no clock. The same bundle gives
// the same answer, byte for byte, whether it was captured a second or a year ago.
package diagnose

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/chain"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/rank"
)

// decoders knows the raw files of each runtime that a bundle may be of. Podman answers in Docker's form, and what
// containerd answers is put into it.
var decoders = map[string]evidence.Decoder{bundle.RuntimeDocker: docker.Decode, bundle.RuntimePodman: docker.Decode,
	bundle.RuntimeContainerd: docker.Decode, bundle.RuntimeKubernetes: kubernetes.Decode}

// Diagnose holds an incident against the ten causes.
func Diagnose(b *bundle.Bundle) answer.Diagnosis {
	c := caseOf(b)
	return answer.Diagnose(c, rank.Of(c), b.Manifest())
}

// Chains ties the falls of several containers together.
func Chains(list []answer.Diagnosis) []answer.Chain { return chain.Of(list) }

// ExamineHealth holds the health check of an incident against what was replayed
// and what the runtime had recorded.
func ExamineHealth(b *bundle.Bundle) health.Examination { return health.Examine(caseOf(b).Health()) }

// Exit says what the exit code of an incident's examined life means.
func Exit(b *bundle.Bundle) answer.Exit { return answer.ExitOfCase(caseOf(b)) }

// CoresOf reads what a bundle tells of core files: of a container, with the reasons
// why there may be none, or of files that were named.
func CoresOf(b *bundle.Bundle) answer.Cores { return answer.CoresOf(caseOf(b)) }

// InsideOf reads what a bundle tells of what the running processes were doing.
func InsideOf(b *bundle.Bundle) answer.Inside { return answer.InsideOf(caseOf(b)) }

// Lives are the lives of a container whose beginnings are known, oldest first.
type Lives struct {
	Starts []time.Time
	From   []time.Time  // from when on the lines of its log are each one's; zero = from the log's beginning
	Ends   []*time.Time // nil = it goes on, or nobody knows
}

// LivesOf returns the lives of a bundle's container.
func LivesOf(b *bundle.Bundle) (l Lives) {
	e := evidenceOf(b)
	l.Starts, l.From = e.LogBounds()
	lives := e.Lives
	for i := range lives {
		if !lives[i].Start.IsZero() {
			l.Ends = append(l.Ends, lives[i].End)
		}
	}
	return l
}

// ServiceOf is the compose service that a bundle's container is of; "" = none.
func ServiceOf(b *bundle.Bundle) string {
	if spec := evidenceOf(b).Spec; spec != nil {
		return spec.Service
	}
	return ""
}

func caseOf(b *bundle.Bundle) inquest.Case { return inquest.Hold(evidenceOf(b)) }

func evidenceOf(b *bundle.Bundle) *evidence.Evidence {
	return evidence.Read(b, decoders[b.Manifest().Target.Runtime])
}
