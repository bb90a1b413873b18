package look

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
)

// TestLooks holds each look against what has it and what has not.
func TestLooks(t *testing.T) {
	for name, c := range map[string]struct {
		is      func([]byte) bool
		yes, no []string
	}{
		"LikeSecret": {LikeSecret, []string{"hunter2Xy9", "8f14e45fceea167a"},
			[]string{"expired", "/run/a1b2c3", "0x7f5720a1b2c0"}},
		"IsReference": {IsReference, []string{"${TOKEN}", "$DB_PASSWORD", "%s", "****"}, []string{"$ecret", "a%s"}},
		"IsProse":     {IsProse, []string{"expired", "Missing,"}, []string{"sesame"}},
		"IsOneTime":   {IsOneTime, []string{"4711", "G-123456"}, []string{"123", "123456789", "12a4"}},
		"IsUserinfo":  {IsUserinfo, []string{"Ym9iOmh1bnRlcjI="}, []string{"YWJjZGVm", "not base64"}},
	} {
		for _, v := range c.yes {
			if !c.is([]byte(v)) {
				t.Errorf("%s(%q) is false", name, v)
			}
		}
		for _, v := range c.no {
			if c.is([]byte(v)) {
				t.Errorf("%s(%q) is true", name, v)
			}
		}
	}
}

// TestIsSecret: a password may be a word, a token may not where a sentence could stand.
func TestIsSecret(t *testing.T) {
	for _, c := range []struct {
		class keyname.Class
		joint Joint
		value string
		want  bool
	}{
		{keyname.Strong, Tight, "sesame", true}, {keyname.Strong, Loose, "expired", false},
		{keyname.Token, Tight, "sesame", true}, {keyname.Token, Loose, "sesame", false},
		{keyname.Token, Loose, "a1b2c3d4e5", true}, {keyname.Weak, Tight, "open", false},
		{keyname.Strong, Tight, "${PASSWORD}", false}, {keyname.Strong, Tight, Mask, false},
		{keyname.None, Tight, "x", false},
	} {
		if got := IsSecret(c.class, c.joint, []byte(c.value)); got != c.want {
			t.Errorf("%q after a name of class %d, joint %d: %v", c.value, c.class, c.joint, got)
		}
	}
}
