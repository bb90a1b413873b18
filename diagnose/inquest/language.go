package inquest

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// otherLanguages are the named others that only a program of another language than Python prints.
var otherLanguages = []string{fact.V8Heap, fact.NodeException, fact.JVMHeap, fact.JVMFatal, fact.JVMStart,
	fact.JavaException, fact.GoPanic,
	fact.GoFatal, fact.GoDeadlock, fact.RustPanic, fact.DotnetException, fact.DotnetMemory, fact.PHPFatal,
	fact.RubyException}

// Python tells whether the service may be a Python program: nothing that was seen says that it is of another language.
// Advice that names Python's own switches is of use only then.
func (c Case) Python() bool {
	if c.Spec != nil && len(c.Spec.Command) > 0 {
		if fits, _ := c.Spec.CommandFits("python3"); fits {
			return true
		}
	}
	if c.Log != nil && (c.Log.Lifecycle.Server != "") {
		return true
	}
	if c.looksForeign() {
		return false
	}
	for _, id := range otherLanguages {
		if len(c.OtherFindings(id)) > 0 {
			return false
		}
	}
	return c.Spec == nil || len(c.Spec.Command) == 0 ||
		!slices.Contains(evidence.OtherPrograms, evidence.Program(c.Spec.Command[0]))
}

// looksForeign tells whether memory was looked into, and no process was found to hold an interpreter of Python.
func (c Case) looksForeign() bool {
	if c.Inside == nil || len(c.Inside.Processes) == 0 {
		return false
	}
	mayBe := func(p evidence.InsideProcess) bool { return runsPython(p) || len(p.Notes) > 0 }
	return !slices.ContainsFunc(c.Inside.Processes, mayBe)
}

// ShowsPython tells whether anything that was seen says that the service is a Python program: its command, its
// environment, its log, or what its memory held. Where the command could not be read it may be.
func (c Case) ShowsPython() bool {
	if c.Spec == nil || c.Inside != nil && slices.ContainsFunc(c.Inside.Processes, runsPython) {
		return true
	}
	for name := range c.Spec.Env {
		if strings.HasPrefix(name, "PYTHON") { // the usual images set PYTHON_VERSION
			return true
		}
	}
	for _, word := range c.Spec.Command[:min(len(c.Spec.Command), evidence.MaxWords)] {
		for _, part := range strings.Fields(word) {
			if evidence.Pythonic(evidence.Program(part)) || strings.HasSuffix(part, ".py") {
				return true
			}
		}
	}
	for _, d := range c.LifeCores() {
		for _, t := range d.Threads {
			if len(t.Python) > 0 {
				return true
			}
		}
	}
	return c.logShowsPython()
}

func runsPython(p evidence.InsideProcess) bool { return p.Version != "" }

// logShowsPython tells whether the log holds a line of a Python server, or a Python exception.
func (c Case) logShowsPython() bool {
	if c.Log == nil {
		return false
	}
	if servicelog.PythonServer(c.Log.Lifecycle.Server) {
		return true
	}
	return slices.ContainsFunc(c.Log.Findings, func(f servicelog.Finding) bool {
		return strings.HasPrefix(f.ID, "faulthandler") || f.Exception != nil && len(f.Exception.Frames) > 0 &&
			strings.HasSuffix(f.Exception.Frames[0].File, ".py")
	})
}
