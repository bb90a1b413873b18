package coredump_test

import (
	"bytes"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// BenchmarkDescribe reads recorded cores out of memory: facts and Python frames.
// "threads" has seven threads and 57 MB, "overflow" a stack of 3,306 calls.
func BenchmarkDescribe(b *testing.B) {
	for _, name := range []string{"segv", "threads", "overflow"} {
		data := recorded(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := coredump.Describe(bytes.NewReader(data), int64(len(data)), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
