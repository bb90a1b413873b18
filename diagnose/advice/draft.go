package advice

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// draft is advice with {gaps} for the case's own values. One with a gap in its title or command that the case cannot
// fill, or not with a plain word, is not given; a detail or snippet with such a gap is left out, the rest stays.
// Beside YAML for compose may stand the options of `docker run` that say the same: who started a container by hand has
// no compose file.
type draft struct {
	when, title, detail, command, snippet, language, run string
	otherwise                                            bool // only where nothing else of its time is given before it
}

// A brace that is doubled, as [literal] does it, is one that opens no gap.
var gap = lazyregexp.New(`\{\{|\{[a-z0-9]+\}`)

// written fills drafts in. Two with the same title are one: the first that can be given stands for both.
func written(c inquest.Case, f *servicelog.Finding, drafts []draft) []Advice {
	values := valuesOf(c, f)
	var list []Advice
	for _, d := range drafts {
		title, ok := fill(d.title, values, false)
		command, runs := fill(d.command, values, true)
		given := func(a Advice) bool { return a.Title == title || d.otherwise && a.When == d.when }
		if !ok || !runs || slices.ContainsFunc(list, given) {
			continue
		}
		a := Advice{When: d.when, Title: title, Command: byUnit(c, command)}
		a.Detail, _ = fill(strings.TrimSpace(d.detail), values, false)
		if a.Snippet, _ = fill(d.snippet, values, true); a.Snippet != "" {
			a.Language = d.language
		}
		if options, given := fill(d.run, values, true); given && options != "" && byHand(c) {
			a.Snippet, a.Language = engine(c)+" run "+options+" …\n", "sh"
			if unit := unitOf(c); unit != "" {
				a.Snippet, a.Language = "[Container]\nPodmanArgs="+options+"\n", "ini"
				a.Command = systemctl(c) + " daemon-reload && " + systemctl(c) + " restart " + unit
			}
		}
		list = append(list, a)
	}
	return list
}

// unitOf is the systemd unit of Podman's that makes the container; "" = none, or its name is not plain.
func unitOf(c inquest.Case) string {
	if c.Spec == nil || c.Target.Runtime != "podman" || !safeWord(c.Spec.Unit) {
		return ""
	}
	return c.Spec.Unit
}

// systemctl is the command that speaks to the systemd of the container's unit.
func systemctl(c inquest.Case) string {
	if c.Spec.UserUnit {
		return "systemctl --user"
	}
	return "sudo systemctl"
}

// byUnit has systemd start and restart what is a unit's: it makes the container anew each time and removes it at its
// end, so that a start by Podman finds none, or one that systemd does not watch.
func byUnit(c inquest.Case, command string) string {
	unit := unitOf(c)
	if unit == "" {
		return command
	}
	parts := strings.Split(command, " && ")
	for i, part := range parts {
		for _, verb := range []string{"start", "restart"} {
			if part == "podman "+verb+" "+containerName(c) {
				parts[i] = systemctl(c) + " " + verb + " " + unit
			}
		}
	}
	return strings.Join(parts, " && ")
}

// byHand tells whether a container was started by the engine's own command, or something else that is no compose file.
func byHand(c inquest.Case) bool {
	return c.Spec != nil && c.Spec.Service == "" && c.Spec.Project == "" && engine(c) != "" && !inPod(c)
}

// fill puts values in the gaps; "" and false where one is not known, or is not plain and has to be.
func fill(text string, values map[string]string, plain bool) (string, bool) {
	ok := true
	filled := gap().ReplaceAllStringFunc(text, func(g string) string {
		if g == "{{" {
			return "{"
		}
		v := values[g[1:len(g)-1]]
		ok = ok && v != "" && (!plain || safeWord(v))
		return v
	})
	if !ok {
		return "", false
	}
	return filled, true
}

// safeWord tells whether a text is one word to every shell and to YAML, and no option.
func safeWord(s string) bool {
	for _, r := range s {
		if !plainRune(r) && !strings.ContainsRune("./:@%+", r) {
			return false
		}
	}
	return s != "" && len(s) <= 200 && s[0] != '-' && s[0] != '@' && s[0] != '%'
}
