package redact

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// TestShellsComplaint: what a shell says of a variable that is not set stays readable; what may be a value does not.
func TestShellsComplaint(t *testing.T) {
	for line, hidden := range map[string]bool{
		"sh: 1: API_KEY: parameter not set":                             false, // dash -u
		"sh: 1: API_TOKEN: parameter not set or null":                   false, // dash, ${API_TOKEN:?}
		"sh: API_KEY: parameter not set":                                false, // busybox
		"bash: line 1: API_KEY: unbound variable":                       false,
		"/app/start.sh: line 3: DB_PASSWORD: parameter null or not set": false,
		"bash: line 1: DB_PASSWORD: please set the password":            false, // ${DB_PASSWORD:?please …}
		"zsh:1: API_KEY: parameter not set":                             false,
		"sh: 1: API_KEY: s3cr3tX99":                                     true,
		"sh: 1: API_KEY: hunter":                                        true,
		"API_KEY=parameter not set":                                     true,
		"password: correct horse battery":                               true,
		"config.yml: line 3: password: hunter two":                      true,
	} {
		got := string(newMasker(nil).stableFile("notes.txt", []byte(line+"\n")))
		if strings.Contains(got, look.Mask) != hidden {
			t.Errorf("%q became %q", line, got)
		}
	}
}
