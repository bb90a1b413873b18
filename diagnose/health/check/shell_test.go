package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestShellCommands: a line comes apart as a shell takes it apart.
func TestShellCommands(t *testing.T) {
	for line, want := range map[string]string{
		"curl -f http://a/ || exit 1":                   "curl,-f,http://a/ ||, exit,1 ",
		"{ curl -f http://a/ && nc -z a 1; } || exit 1": "curl,-f,http://a/ &&, nc,-z,a,1 ||, exit,1 ",
		"(cd /srv; ./check)":                            "cd,/srv ;, ./check ",
		"curl -sf http://a/ >/dev/null 2>&1":            "curl,-sf,http://a/ ",
		"2>/dev/null curl -f a&>log b":                  "curl,-f,a,b ",
		"! grep -q bad /log":                            "grep,-q,bad,/log ",
		"if curl -f a; then exit 0; else exit 1; fi":    "curl,-f,a ;, exit,0 , exit,1 ",
		"A=1 B=$C curl \"http://$HOST:${PORT:-80}/\"":   "A=1,B=$C,curl,http://$HOST:${PORT:-80}/ ",
		`test "$(curl -s a | jq -r .x)" = 'o k'`:        "test,$(curl -s a | jq -r .x),=,o k ",
		`curl a\ b "c\"d\n"`:                            `curl,a b,c"d\n `,
		"while ! nc -z a 1; do sleep 1; done":           "nc,-z,a,1 ;, sleep,1 ",
		"sleep 9 & curl a":                              "sleep,9 &, curl,a ",
		"curl a # not || this":                          "curl,a ",
		"curl 'unclosed":                                "curl,'unclosed ",
		"[ -f /ok ] && [[ $x == y* ]]":                  "[,-f,/ok,] &&, [[ ",
		"":                                              "",
	} {
		var got []string
		for _, c := range Parse([]string{"CMD-SHELL", line}).Commands {
			got = append(got, strings.Join(c.Words, ",")+" "+c.After)
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
}

// TestWhoseCode: which program's exit code is the check's.
func TestWhoseCode(t *testing.T) {
	for line, want := range map[string]bool{
		"curl -f a": true, "curl -f a || exit 1": false, "curl -f a || exit": true, "curl -f a || exit $?": true,
		"curl a && true": true,
		"curl a | jq .":  false, "! curl a": false, "{ curl a; }": true, "(sleep 1; curl a)": true,
		"curl a; exit $?":          true,
		"curl a; echo $?":          false,
		"if true; then curl a; fi": true, "if curl a; then true; fi": false, "curl a >/dev/null 2>&1": true,
		"curl a &": false, "true && curl a || exit": true,
	} {
		if got := Parse([]string{"CMD-SHELL", line}).codeFrom("curl"); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
}

// TestAlwaysPasses: only what really cannot fail.
func TestAlwaysPasses(t *testing.T) {
	for line, want := range map[string]bool{
		"curl a || true": true, "curl a; exit 0": true, "curl a; echo ok": true, "{ curl a; } || :": true,
		"(curl a || true)": true, "curl a | true": true,
		"if curl a; then echo ok; fi": true, "if curl a; then exit 0; fi": true, "curl a && echo ok || echo bad": true,
		"curl a || exit 1; exit 0": false, "set -e; curl a; exit 0": false,
		"if curl a; then exit 0; else exit 1; fi": false, "curl a && echo ok": false,
		"if ! curl a; then exit 1; fi": false, "! true; curl a": false, "curl a || (echo bad; exit 1)": false,
		"echo start; curl a": false, "true || exit 1; false": false,
		"curl a || ! true": false, "true": false,
	} {
		if got := Parse([]string{"CMD-SHELL", line}).AlwaysPasses(); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
}
