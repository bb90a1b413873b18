package inquest

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// ownForms are the forms in which programs print that are known by their names.
var ownForms = map[string]string{"redis-server": "redis", "postgres": "postgresql", "rabbitmq-server": "rabbitmq"}

// several are programs under which more than one server runs, and that pass all their lines on.
var several = []string{"supervisord", "s6-svscan", "runsvdir", "init", "systemd", "foreman", "honcho", "circusd", "pm2",
	"pm2-runtime", "multirun", "overmind"}

// ownForm is the form in which a container's program prints where it is a server that is known; "" = that is not known,
// or others run under it.
func ownForm(spec *evidence.Spec) string {
	if spec == nil || spec.ShellPID1() {
		return ""
	}
	for _, word := range spec.Command[:min(len(spec.Command), maxWords)] {
		name := program(word)
		switch {
		case slices.Contains(several, name):
			return ""
		case ownForms[name] != "":
			return ownForms[name]
		case pythonic(name):
			return "python"
		case slices.Contains(otherPrograms, name):
			return name
		}
	}
	return ""
}

// withoutForeign makes a hint of what another server's lines tell that stand in the log, two logs in one text: whatever
// that one lacked, it is not why this one ended.
func (s LogSigns) withoutForeign(spec *evidence.Spec) LogSigns {
	own := ownForm(spec)
	if own == "" {
		return s
	}
	foreign := func(text string) bool {
		form := servicelog.FormOf([]byte(text))
		return form != "" && form != own
	}
	s = s.edited(func(f *servicelog.Finding) {
		if foreign(f.Excerpt) {
			f.Strength = fact.Weak
		}
	})
	if s.Log != nil && s.Log.LastWords != nil && foreign(s.Log.LastWords.Text) {
		words := *s.Log.LastWords
		words.Gravity = servicelog.Plain
		s.Log.LastWords = &words // of the copy
	}
	return s
}
