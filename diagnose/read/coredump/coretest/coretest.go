// Package coretest holds what the tests of several packages need of core files. It is
// not part of the program.
package coretest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/compressed"
)

// Recorded returns a core that is kept compressed in a file.
func Recorded(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, _, err := compressed.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Apport puts a core into the form of an apport report: gzip in base64, a piece a
// line, among other fields. One of those is a secret, TOKEN=hunter2.
func Apport(t testing.TB, core []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(core); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.WriteString("ProblemType: Crash\nArchitecture: amd64\nExecutablePath: /usr/bin/python3.11\nProcEnviron:\n " +
		"SHELL=/bin/sh\n TOKEN=hunter2\nSignal: 11\nCoreDump: base64\n")
	for piece := range slices.Chunk(packed.Bytes(), 1<<20) {
		out.WriteString(" " + base64.StdEncoding.EncodeToString(piece) + "\n")
	}
	out.WriteString("UserGroups: N/A\n")
	return out.Bytes()
}
