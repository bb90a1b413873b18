package report

import (
	"bytes"
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// renderJUnit writes a report as test results: a suite for each compose project, a test
// for each container. One that failed is a failed test, its type the cause's ID;
// its body is the text report, so that a CI page shows the whole answer.
func renderJUnit(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	suites := junit.Testsuites{Name: "gwdoctor"}
	for _, group := range byProject(r.Diagnoses) {
		suite, err := junitSuite(r, group)
		if err != nil {
			return err
		}
		suite.ID = len(suites.Suites)
		suites.AddSuite(suite)
	}
	w.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return suites.WriteXML(w)
}

// byProject groups diagnoses by their compose project, in the order of the report.
func byProject(list []answer.Diagnosis) [][]answer.Diagnosis {
	var groups [][]answer.Diagnosis
	at := map[string]int{}
	for _, d := range list {
		i, known := at[d.Target.Project]
		if !known {
			i = len(groups)
			at[d.Target.Project] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], d)
	}
	return groups
}

func junitSuite(r answer.Report, list []answer.Diagnosis) (junit.Testsuite, error) {
	project := xmlText(sanitize.Clean(cmp.Or(list[0].Target.Project, "containers"), layout.MaxName))
	suite := junit.Testsuite{Name: project, Timestamp: r.GeneratedAt.UTC().Format("2006-01-02T15:04:05"), Time: "0.000"}
	for _, d := range list {
		test, err := junitCase(d, project, oneSentence(r, d))
		if err != nil {
			return suite, err
		}
		suite.AddTestcase(test)
	}
	return suite, nil
}

func junitCase(d answer.Diagnosis, project, sentence string) (junit.Testcase, error) {
	name := xmlText(sanitize.Clean(cmp.Or(d.Target.Name, "unnamed"), layout.MaxName))
	test := junit.Testcase{Name: name, Classname: "gwdoctor." + project, Time: "0.000"}
	summary := xmlText(sanitize.Clean(sentence, layout.MaxProse))
	if !d.Failed() {
		test.SystemOut = &junit.Output{Data: cdata(verdictWord(d.Verdict) + ": " + summary)}
		return test, nil
	}
	var text bytes.Buffer
	if err := renderText(&text, answer.Report{Diagnoses: []answer.Diagnosis{d}}, layout.Style{}); err != nil {
		return test, err
	}
	test.Failure = &junit.Result{Message: summary, Type: cmp.Or(d.Verdict.Cause, d.Verdict.Kind),
		Data: cdata(text.String())}
	return test, nil
}

// xmlText drops what no XML document can hold even as a reference (XML 1.0, 2.2);
// Clean has already made the rest visible.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xfffe || r == 0xffff || r < ' ' && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// cdata keeps a text inside one CDATA section: encoding/xml splits "]]>" into two
// sections, which old readers join wrongly. There are no references in one, so
// commands are broken up as in prose.
func cdata(s string) string {
	return strings.ReplaceAll(xmlText(string(sanitize.Prose.WithoutCommands([]byte(s)))), "]]>", "]] >")
}
