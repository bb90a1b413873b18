package diagnose

import (
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Exit says what the exit code of an incident's examined run means.
func Exit(b *bundle.Bundle) answer.Exit { return answer.ExitOfCase(newCase(evidence.Read(b))) }
