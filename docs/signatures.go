package docs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// forms says for each form where its anchors are looked for.
var forms = map[signature.Form]string{
	signature.FormMessage:   "begins the message",
	signature.FormBare:      "begins a line without prefix",
	signature.FormInside:    "in a line without prefix",
	signature.FormException: "a raised exception",
	signature.FormDerived:   "concluded from",
}

func signaturesPage() string {
	list := signature.Table()
	var w strings.Builder
	w.WriteString(generated + "# What is looked for in a service's own log\n\n")
	fmt.Fprintf(&w, "%d signatures, in the order of [PYTHON.md](notes/PYTHON.md), whose section is the first column. "+
		"A signature is one entry of the\n"+
		"tables in `diagnose/read/servicelog/signature`, and one case that speaks and one that must not in\n"+
		"`diagnose/read/servicelog/signature_test.go`.\n\n",
		len(list))
	w.WriteString("*Worth* is the most that a line proves for its cause: `conclusive` has one emitter and one reason, " +
		"`strong` a known second\n" +
		"reading, `weak` only supports. What stands around a line only ever lowers it. *Role* is its place on the " +
		"ladder: the `root`\n" +
		"is the fault itself, the `mechanism` how it became a death, a `symptom` what it looked like. A cause of – " +
		"supports others, or\n" +
		"its root lies outside this container; in italics stands the named other, which is known and none of the ten.\n\n" +
		"An anchor counts only where its emitter prints it, so a line that merely quotes one is not a finding.\n\n" +
		"| § | ID | looked for | printed by | means | cause | role | worth | the trap |\n| --- | --- | --- | --- | --- | " +
		"--- | --- | --- | --- |\n")
	for _, s := range list {
		by := s.Emitter
		if s.Versions != "" {
			by += " " + s.Versions
		}
		cause := "–"
		if s.Cause != "" {
			cause = "`" + s.Cause + "`"
		}
		if s.Other != "" {
			cause += " *" + s.Other + "*"
		}
		fmt.Fprintf(&w, "| %s | `%s` | %s | %s | %s | %s | %s | %s | %s |\n",
			s.Section, s.ID, lookedFor(s), escape(by), escape(s.Meaning), cause, s.Role, s.Strength, escape(s.Trap))
	}
	return w.String()
}

// lookedFor lists a signature's literals with where they must stand.
func lookedFor(s signature.Row) string {
	parts := []string{forms[s.Form]}
	if s.Quotable {
		parts[0] += ", or anywhere at WARNING and above or without a level"
	}
	if len(s.Types) > 0 {
		parts = append(parts, "type "+oneOf(s.Types))
	}
	if len(s.Starts) > 0 {
		parts = append(parts, oneOf(s.Starts))
	}
	if s.Named {
		parts = append(parts, "a name")
	}
	for _, a := range s.Anchors {
		parts = append(parts, code(a))
	}
	if len(s.AnyOf) > 0 {
		parts = append(parts, oneOf(s.AnyOf))
	}
	return parts[0] + ": " + strings.Join(parts[1:], " + ")
}

func oneOf(list []string) string {
	quoted := slices.Clone(list)
	for i := range quoted {
		quoted[i] = code(quoted[i])
	}
	return strings.Join(quoted, " or ")
}

// code quotes a literal for a cell; a backquote in it needs two around it.
func code(s string) string {
	s = strings.ReplaceAll(s, "|", "\\|")
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}
