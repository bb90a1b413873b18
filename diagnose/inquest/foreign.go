package inquest

import (
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// withoutForeign makes a hint of what another server's lines tell that stand in the log, two logs in one text: whatever
// that one lacked, it is not why this one ended.
func (s LogSigns) withoutForeign(spec *evidence.Spec) LogSigns {
	own := spec.LogForm()
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
