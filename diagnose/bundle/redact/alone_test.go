package redact

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestWordsOfChance: a long random word goes wherever it stands; ids of hexadecimal digits, names of functions, classes
// and clusters stay.
func TestWordsOfChance(t *testing.T) {
	for word, hidden := range map[string]bool{
		"q7Zt2Lm9PxK4vWc8Rb1Ny6HsQ3d":                                      true,
		"a6f31c8e9d0b4f7a2c5e8d1b3f6a9c0e7d4b1a8f5c2e9d6b3a0f7c4e1d8b5a2f": false, // a container's id
		"3F2504E0-4F89-11D3-9A0C-0305E82C3301":                             false,
		"_ZNSt6vectorIiSaIiEE9push_backEOiRKS1_":                           false, // C++
		"_RNvCs4fqI2P2rA04_7mycrate3fooB2a":                                false, // Rust
		"RequestMappingHandlerAdapterV2Impl":                               false,
		"MkU3OEVBNTcwNTJENDM2Qk":                                           false, // a Kafka cluster's
		"shop-worker-7d9f8b6c5f-x2x9z-logs-2026":                           false,
	} {
		text := "took " + word + " from the queue"
		if got := New().Text(text); (got != text) != hidden {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestUserinfoAlone: a user and a password before a host with a port or a path; an address of mail and a tag are none.
func TestUserinfoAlone(t *testing.T) {
	for text, hidden := range map[string]bool{
		"dial app:hunter2@db:5432":                      true,
		"parse 'postgres+x//app:hunter2@db/shop'":       true,
		"logon denied: scott/hunter2@//db:1521/XE":      true,
		"mailto:bob@example.com/x":                      false,
		"to:bob@example.com":                            false,
		"nginx:1.25@sha256:4c1d50b4b1e8":                false,
		"git@github.com:org/repo.git":                   false,
		"at 12:30@db:5432":                              false,
		"app:${PASSWORD}@db:5432":                       false,
		"npm:left-pad@1.3/index.js was built from that": false,
	} {
		if got := New().Text(text); (got != text) != hidden {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestLearned: what a log names once is hidden where no name stands beside it, also above and in other files; a
// password that is a word is not looked for.
func TestLearned(t *testing.T) {
	b := testBundle()
	b.Put(bundle.FileLogs, []byte("2026-11-23T19:14:00.1Z stderr F got Tr0ub4dor3 from bob\n"+
		"2026-11-23T19:14:00.2Z stderr F password='Tr0ub4dor3'\n2026-11-23T19:14:00.3Z stderr F password='postgres'\n"+
		"2026-11-23T19:14:00.4Z stderr F connected to postgres\n"))
	b.Put("notes.txt", []byte("tried Tr0ub4dor3 again\n"))
	Bundle(b)
	for _, name := range []string{bundle.FileLogs, "notes.txt"} {
		if data, _ := b.File(name); strings.Contains(string(data), "Tr0ub4dor3") {
			t.Errorf("%s says it again: %s", name, data)
		}
	}
	if data, _ := b.File(bundle.FileLogs); !strings.Contains(string(data), "connected to postgres") {
		t.Errorf("a word is hidden: %s", data)
	}
}
