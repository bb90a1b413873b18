package collect

import (
	"errors"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// outcome is what a source gave: its entry for the manifest, and files.
type outcome struct {
	source bundle.Source
	files  []file
}

type file struct {
	Name string
	Data []byte
}

// with adds a file to an outcome.
func (o outcome) with(name string, data []byte) outcome {
	o.files = append(o.files, file{name, data})
	return o
}

// store writes the outcome into b.
func (o outcome) store(b *bundle.Bundle) {
	for _, f := range o.files {
		b.Put(f.Name, f.Data)
		o.source.Files = append(o.source.Files, f.Name)
	}
	b.SetSource(o.source)
}

func collected(detail string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusCollected, Detail: detail}}
}

func truncated(detail string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusTruncated, Detail: detail}}
}

func absent(detail, command string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusAbsent, Detail: detail, Command: command}}
}

func denied(detail, command string) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusDenied, Detail: detail, Command: command}}
}

func failed(err error) outcome {
	return outcome{source: bundle.Source{Status: fact.StatusFailed, Detail: err.Error()}}
}

// grace is how long past its deadline a collector may take to notice it.
const grace = 200 * time.Millisecond

// shellWord quotes a name for a command line that a person will copy.
func shellWord(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:=", r)
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// wall returns t in UTC, as a pointer for a source's span.
func wall(t time.Time) *time.Time {
	t = t.UTC()
	return &t
}

// errTooLarge is a body above its cap.
var errTooLarge = errors.New("body is larger than the cap")
