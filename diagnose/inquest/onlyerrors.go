package inquest

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// OnlyErrors is the newest line of a living service that tells of one error again and again until now, and of nothing
// else, where no signature says more of it; nil = it is not so.
func (c Case) OnlyErrors() *servicelog.Line {
	if c.Log == nil || !c.Alive() || slices.ContainsFunc(c.Log.Findings, func(f servicelog.Finding) bool {
		return (f.Cause != "" || f.Other != "") && f.Strength != fact.Weak
	}) {
		return nil
	}
	newest, every := c.Log.OnlyErrors()
	if newest == nil || c.Now.Sub(newest.At) > max(KernelSlack, recoveryGaps*every) {
		return nil
	}
	return newest
}
