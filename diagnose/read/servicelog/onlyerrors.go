package servicelog

import (
	"strings"
	"time"
)

// errorsAgain is how often an error must have come, and errorsFor for how long, that is all a program tells.
const (
	errorsAgain = 3
	errorsFor   = 5 * time.Second
)

// OnlyErrors is the newest line of one error that a run told again and again at its end, and of nothing else since it
// first did, with the mean gap between them; nil = it is not so.
func (r *Run) OnlyErrors() (newest *Line, every time.Duration) {
	times, first := 0, time.Time{}
	for i := len(r.Tail) - 1; i >= 0; i-- {
		l := r.Tail[i]
		grave := gravityOf(l.Text) > Plain && !Warns(l.Text) && !l.Quoted
		switch {
		case grave && newest == nil:
			newest = &r.Tail[i]
			times, first = 1, l.At
		case grave && SameBut(l.Text, newest.Text):
			times, first = times+1, l.At
		case strings.TrimSpace(l.Text) != "" && !Struggles(l.Text):
			i = 0 // it had done some work until then
		}
	}
	if times < errorsAgain || newest.At.Sub(first) < errorsFor {
		return nil, 0
	}
	return newest, newest.At.Sub(first) / time.Duration(times-1)
}
