package redact

import (
	"slices"
	"strings"
	"testing"
)

// sample is a token of a form: its prefix and a body of the form's own alphabet, with
// a digit in it. It is put together here, so that no scanner takes this file for a leak.
func (f form) sample() string {
	body := ""
	for _, c := range []byte(strings.Repeat("C1N2R3Y4a5b6c7d8", 12)) {
		if f.set(c) && len(body) < f.least {
			body += string(c)
		}
	}
	return f.prefix + body
}

// TestFormsOneByOne: each known prefix is masked in a sentence, in a URL and in JSON,
// and each says which service's it is and who says so.
func TestFormsOneByOne(t *testing.T) {
	services := map[string]bool{}
	for _, f := range slices.Concat(forms, hashes, hooks) {
		t.Run(f.prefix, func(t *testing.T) {
			if f.service == "" || f.source == "" || f.least < 8 {
				t.Errorf("service %q, source %q, at least %d bytes", f.service, f.source, f.least)
			}
			services[strings.Fields(f.service)[0]] = true
			token := f.sample()
			body := token[len(f.prefix):]
			for _, text := range []string{"got " + token + " from it", `{"msg":"use ` + token + `"}`, "line\\n" + token,
				"https://" + token + " ok"} {
				if got := New().Text(text); strings.Contains(got, body) {
					t.Errorf("%q survives as %q", text, got)
				}
			}
			short := f.prefix + body[:f.least-1]
			if f.prefix != "sk-ant-" && !slices.ContainsFunc(hooks, func(h form) bool {
				return h.prefix == f.prefix
			}) && New().Text("got "+short+" from it") != "got "+short+" from it" {
				t.Errorf("%q is shorter than a token and was masked", short)
			}
		})
	}
	if len(services) < 60 {
		t.Errorf("%d services, want 60", len(services))
	}
}

// TestFormsNeedADigit: names that begin like a token are left alone.
func TestFormsNeedADigit(t *testing.T) {
	for _, text := range []string{"sk-learn-compatible-estimator-interface", "npm_config_loglevel=warn",
		"re_compile_the_whole_pattern_of_names",
		"key-derivation-function", "cio-reader-of-the-device", "xai-gateway", "the hf_transfer module", "eyJust a word."} {
		if got := New().Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
