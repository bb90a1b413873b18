package bundle

import (
	"errors"
	"fmt"
)

// Why a bundle was refused. Every refusal of Open, Read and OpenFS wraps one of
// them; a failing disk or network does not.
var (
	ErrNotABundle = errors.New("not a bundle")
	ErrHostile    = errors.New("unsafe bundle")
	ErrFuture     = errors.New("bundle of a newer gwdoctor")
	ErrTruncated  = errors.New("truncated or damaged bundle")
)

// refusal says what is wrong with a bundle and what to do next.
type refusal struct {
	kind   error  // one of the sentinels above
	path   string // "" = a stream
	detail string // "has no manifest.json"
	next   string // the next step
}

func (r *refusal) Error() string {
	if r.path == "" {
		return fmt.Sprintf("bundle %s: %s", r.detail, r.next)
	}
	return fmt.Sprintf("bundle %q %s: %s", r.path, r.detail, r.next)
}

func (r *refusal) Unwrap() error { return r.kind }

const (
	nextPath    = "check the path, a bundle comes from `gwdoctor capture`"
	nextHostile = "do not trust it, ask for a new `gwdoctor capture`"
	nextUpdate  = "update gwdoctor"
	nextAgain   = "copy it again, or ask for a new `gwdoctor capture`"
)

func notABundle(format string, args ...any) error {
	return &refusal{kind: ErrNotABundle, detail: fmt.Sprintf(format, args...), next: nextPath}
}

func future(format string, args ...any) error {
	return &refusal{kind: ErrFuture, detail: fmt.Sprintf(format, args...), next: nextUpdate}
}

func hostile(format string, args ...any) error {
	return &refusal{kind: ErrHostile, detail: fmt.Sprintf(format, args...), next: nextHostile}
}

func truncated(format string, args ...any) error {
	return &refusal{kind: ErrTruncated, detail: fmt.Sprintf(format, args...), next: nextAgain}
}

// At names the bundle in a refusal; other errors get the name in front.
func At(path string, err error) error {
	var r *refusal
	if errors.As(err, &r) {
		named := *r
		named.path = path
		return &named
	}
	return fmt.Errorf("read bundle %q: %w", path, err)
}

// brief shortens a stranger's name for a message; %q of it is safe to print.
func brief(name string) string {
	const most = 80
	if len(name) > most {
		return name[:most] + "…"
	}
	return name
}
