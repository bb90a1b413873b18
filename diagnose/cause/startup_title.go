package cause

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// startupTitle says what it was that did not start, as far as the log shows that: an application's lifespan, which
// only a program under an ASGI server has, a server, or a program that is neither. "" = it does not show it.
func startupTitle(c inquest.Case) string {
	if c.Log == nil {
		return ""
	}
	list := c.LogFindings(fact.StartupFailure)
	switch {
	case c.Log.Lifecycle.Waiting, slices.ContainsFunc(list, servicelog.Finding.OfLifespan):
		return "Startup (lifespan) failed"
	case c.Log.Lifecycle.Server != "", slices.ContainsFunc(list, servicelog.Finding.OfServer):
		return "The server's start failed"
	case len(list) > 0:
		return "The program's start failed"
	}
	return ""
}
