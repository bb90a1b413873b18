package redact

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// TestEncodedText: what is encoded goes whole where it holds a secret, and stays where it holds none or is no text.
func TestEncodedText(t *testing.T) {
	base, dump := base64.StdEncoding.EncodeToString,
		func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
	for _, tt := range []struct {
		plain  string
		encode func([]byte) string
		hidden bool
	}{
		{`{"user":"bob","password":"hunter2"}`, base, true},
		{"export DB_PASSWORD=hunter2 PORT=80", base, true},
		{"bob.example:hunter2-and-more", base, true},
		{"mysql\x00-uroot\x00-phunter2\x00shop", dump, true},
		{base([]byte(`{"password":"hunter2"}`)), base, true}, // once more
		{`{"user":"bob","cart":[1,2,3]}`, base, false},
		{"cursor:12345678901234567890", base, false},
		{"gid://shop/Product/1234567890", base, false},
		{"nginx\x00-g\x00daemon off;\x00-c\x00/etc/nginx.conf", dump, false},
		{"\x8a\x01\xff\x00 password=hunter2 \x80\x81\x82\x83", base, false}, // no text
	} {
		text := "got " + tt.encode([]byte(tt.plain)) + " here"
		p := newPass(newMasker(nil), []byte(text))
		p.SetLine(0)
		p.encodedText(len("got "), len(text)) // alone: base64 of anything may look like chance's own
		if got := len(p.edits) > 0; got != tt.hidden {
			t.Errorf("%q, which is %q: hidden %v", text, tt.plain, got)
		}
		if got := New().Text(text); tt.hidden && got != "got "+look.Mask+" here" {
			t.Errorf("%q, which is %q, became %q", text, tt.plain, got)
		}
	}
}

// TestDumpedBytes: of a dump's line both halves are masked, and of another line none.
func TestDumpedBytes(t *testing.T) {
	const digits = "7061 7373 776f 7264 3d68 756e 7465 7232"
	if got := New().Text("\t0x0040:  " + digits + "  password=hunter2"); strings.Contains(got, "7465") {
		t.Errorf("became %q", got)
	}
	if got := New().Text("\t0x0040:  " + digits + "  a.quiet.line..."); !strings.Contains(got, digits) {
		t.Errorf("became %q", got)
	}
}
