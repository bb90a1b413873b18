package redact

import (
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/token"
)

// sample is a token of a form: its prefix and a body of the form's own alphabet, with
// a digit in it. It is put together here, so that no scanner takes this file for a leak.
func sample(f token.Form) string {
	body := ""
	for _, c := range []byte(strings.Repeat("C1N2R3Y4a5b6c7d8", 12)) {
		if f.Set(c) && len(body) < f.Least {
			body += string(c)
		}
	}
	return f.Prefix + body
}

// TestFormsOneByOne: each known prefix is masked in a sentence, in a URL and in JSON,
// and each says which service's it is and who says so.
func TestFormsOneByOne(t *testing.T) {
	services := map[string]bool{}
	for _, f := range slices.Concat(token.Forms, token.Hashes, token.Hooks) {
		t.Run(f.Prefix, func(t *testing.T) {
			if f.Service == "" || f.Source == "" || f.Least < 8 {
				t.Errorf("service %q, source %q, at least %d bytes", f.Service, f.Source, f.Least)
			}
			services[strings.Fields(f.Service)[0]] = true
			secret := sample(f)
			body := secret[len(f.Prefix):]
			for _, text := range []string{"got " + secret + " from it", `{"msg":"use ` + secret + `"}`, "line\\n" + secret,
				"https://" + secret + " ok"} {
				if got := New().Text(text); strings.Contains(got, body) {
					t.Errorf("%q survives as %q", text, got)
				}
			}
			short := f.Prefix + body[:f.Least-1]
			if f.Length([]byte(short+" from it")) != 0 {
				t.Errorf("%q is shorter than a token", short)
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
