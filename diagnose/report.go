package diagnose

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/chain"
)

// Report gathers diagnoses, with the chains across them, made by a version of this
// program at a time.
func Report(list []answer.Diagnosis, version string, at time.Time) answer.Report {
	list = chain.Refusing(list)
	return answer.Report{
		SchemaVersion: answer.SchemaVersion,
		Tool:          answer.Tool{Name: "gwdoctor", Version: version},
		GeneratedAt:   at.UTC(),
		Diagnoses:     list,
		Chains:        Chains(list),
	}
}
