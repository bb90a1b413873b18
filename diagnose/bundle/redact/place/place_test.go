package place

import (
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// masked goes over a text with the given literals alone and returns what they hide.
func masked(text string, list []page.Literal) []string {
	var hidden []string
	p := &page.Page{Reader: glyph.New([]byte(text), new(int)), Class: keyname.Of}
	p.Mask = func(start, end int, kind string) {
		if start < end && kind != "" {
			hidden = append(hidden, text[start:end])
		}
	}
	for i := 0; i < len(text); {
		next := i + 1
		for _, l := range list {
			if !ascii.HasFold([]byte(text[i:]), l.Text) {
				continue
			}
			p.SetLine(i)
			if n := l.Rule(p, i, len(l.Text)); n > i {
				next = n
				break
			}
		}
		i = next
	}
	slices.Sort(hidden)
	return slices.Compact(hidden)
}

// TestPlaces: each rule where it speaks, and beside it a line with the same words that it must leave alone.
func TestPlaces(t *testing.T) {
	all := slices.Concat(Commands(), Calls(), Protocols())
	for _, tt := range []struct{ text, hidden string }{
		{"AUTH hunter22", "hunter22"},
		{"Client sent AUTH, but no password is set", ""},
		{`"CONFIG" "SET" "requirepass" "hunter22"`, "hunter22"},
		{`"CONFIG" "SET" "maxmemory" "100mb"`, ""},
		{"ACL SETUSER bob on >hunter22 ~* +@all", "hunter22"},
		{"user bob logged on from here", ""},
		{"PASS hunter22", "hunter22"},
		{"PASS tests/test_login.py", ""},
		{"a1 LOGIN bob hunter22", "hunter22"},
		{"the LOGIN page of bob was shown", ""},
		{"[smtp.example.org]:587 bob:hunter22", "hunter22"},
		{"listening on [::]:587 now", ""},
		{"mysql -uroot -phunter22 shop", "hunter22"},
		{"mysql -uroot -P 3306 shop", ""},
		{"redis-cli -a hunter22 ping", "hunter22"},
		{"redis-cli -h redis ping", ""},
		{"tool -u bob -p hunter22", "hunter22"},
		{"tool -u bob -p 8080", ""},
		{"echo hunter22 | sudo -S id", "hunter22"},
		{"echo done | tee -a log", ""},
		{"mysqli_connect('db', 'root', 'hunter22')", "hunter22"},
		{"connect('db', port, timeout)", ""},
		{"createhmac('sha256', 'hunter22')", "hunter22"},
		{"LOG:  execute a: UPDATE u SET password = $1\nDETAIL:  parameters: $1 = 'hunter22'", "hunter22"},
		{"LOG:  execute a: UPDATE u SET name = $1\nDETAIL:  parameters: $1 = 'hunter22'", ""},
		{"rocommunity hunter22 10.0.0.0/8", "hunter22"},
		{"rocommunity is not set", ""},
		{"kubectl create secret generic s --from-literal=a=hunter22", "hunter22"},
		{"kubectl create configmap c --from-literal=a=hunter22", ""},
		{"az keyvault secret set --name a --value hunter22", "hunter22"},
		{"metric --value 22", ""},
		{"OPER bob hunter22", "hunter22"},
		{"the oper ator came", ""},
	} {
		if got := strings.Join(masked(tt.text, all), " "); got != tt.hidden {
			t.Errorf("%q: hides %q, want %q", tt.text, got, tt.hidden)
		}
	}
}
