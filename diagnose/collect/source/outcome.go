package source

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Outcome is what a source gave: its entry for the manifest, and files.
type Outcome struct {
	Source bundle.Source
	Files  []File
}

type File struct {
	Name string
	Data []byte
}

// With adds a file to an outcome.
func (o Outcome) With(name string, data []byte) Outcome {
	o.Files = append(o.Files, File{name, data})
	return o
}

// Store writes the outcome into b.
func (o Outcome) Store(b *bundle.Bundle) {
	for _, f := range o.Files {
		b.Put(f.Name, f.Data)
		o.Source.Files = append(o.Source.Files, f.Name)
	}
	b.SetSource(o.Source)
}

func Collected(detail string) Outcome {
	return Outcome{Source: bundle.Source{Status: fact.StatusCollected, Detail: detail}}
}

func Truncated(detail string) Outcome {
	return Outcome{Source: bundle.Source{Status: fact.StatusTruncated, Detail: detail}}
}

func Absent(detail, command string) Outcome {
	return Outcome{Source: bundle.Source{Status: fact.StatusAbsent, Detail: detail, Command: command}}
}

func Denied(detail, command string) Outcome {
	return Outcome{Source: bundle.Source{Status: fact.StatusDenied, Detail: detail, Command: command}}
}

// Failed says why a source gave nothing. Of a context's end it says what that means for who reads it.
func Failed(err error) Outcome {
	detail := err.Error()
	for _, end := range []struct {
		err   error
		words string
	}{{context.DeadlineExceeded, "nothing came in time"}, {context.Canceled, "interrupted"}} {
		detail = strings.ReplaceAll(detail, end.err.Error(), end.words)
	}
	return Outcome{Source: bundle.Source{Status: fact.StatusFailed, Detail: detail}}
}

// Grace is how long past its deadline a collector may take to notice it.
const Grace = 200 * time.Millisecond

// ShellWord quotes a name for a command line that a person will copy.
func ShellWord(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:=", r)
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Wall returns t in UTC, as a pointer for a source's span; nil for a time that RFC 3339
// cannot say (beyond year 9999, before year 1): one of those would cost the whole
// document in which it stands.
func Wall(t time.Time) *time.Time {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return nil
	}
	return &t
}

// ErrTooLarge is a body above its cap.
var ErrTooLarge = errors.New("body is larger than the cap")
