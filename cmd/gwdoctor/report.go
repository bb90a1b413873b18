package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

func newReport(a *app) *cobra.Command {
	var o reporting
	cmd := &cobra.Command{
		Use:   "report BUNDLE|report.json...",
		Short: "Render a report again from what was recorded",
		Long: "Read recorded incidents (folders or .tar.gz) and reports that `--format json` wrote, and render them in " +
			"any form;\n" +
			"several become one report with the chain across them. No engine is needed. Bundles are diagnosed anew,\n" +
			"with the rules of this version; a report.json is shown as it was. - is standard input.",
		Example: "  gwdoctor report artifact/report.json --format html -o report.html\n  gwdoctor report " +
			"bundles/*.tar.gz --output-dir artifact",
		Args: cobra.MinimumNArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			return a.publish(cmd.Context(), &o, func(ctx context.Context, keep onDiagnosis) (answer.Report, error) {
				return a.recorded(ctx, args, keep)
			})
		}),
	}
	o.add(cmd)
	return cmd
}

// recorded gathers what was recorded under some paths into one report.
func (a *app) recorded(ctx context.Context, paths []string, keep onDiagnosis) (answer.Report, error) {
	var diagnoses []answer.Diagnosis
	var errs []error
	for _, path := range paths {
		r, err := a.recordedIn(ctx, path, keep)
		if err != nil {
			errs = append(errs, unreadable(path, err))
			continue
		}
		if len(paths) == 1 {
			return r, nil
		}
		diagnoses = append(diagnoses, r.Diagnoses...)
	}
	return a.report(diagnoses), joined(errs)
}

// unreadable names the file in an error, and keeps what to try.
func unreadable(path string, err error) error {
	named := fmt.Errorf("read %q: %w", path, err)
	var h *hinted
	if errors.As(err, &h) {
		return &hinted{named, h.hints}
	}
	return named
}

func (a *app) recordedIn(ctx context.Context, path string, keep onDiagnosis) (answer.Report, error) {
	stream, data, err := a.documentIn(ctx, path)
	if err != nil {
		return answer.Report{}, err
	}
	if stream != nil {
		defer stream.Close()
	}
	if data != nil {
		return parseReport(a.redactor().JSON(data))
	}
	var targets []target
	if stream != nil {
		targets = a.streamedTargets(ctx, path, stream)
	} else {
		targets = a.recordedTargets(ctx, path)
	}
	diagnoses, err := examineAll(ctx, targets, keep, nil)
	return a.report(diagnoses), err
}

// maxReport bounds a report.json; 200 containers take a few MiB.
const maxReport = 64 << 20

// documentIn returns the bytes of a path that holds a JSON document, or nil for one that does not. Of what can be read
// once only, such as standard input, it then returns the stream.
func (a *app) documentIn(ctx context.Context, path string) (stream io.ReadCloser, data []byte, err error) {
	in, err := a.openStream(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	once := in != nil
	if !once {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return nil, nil, err
		}
		if in, err = interruptible.Open(ctx, path); err != nil {
			return nil, nil, err
		}
	}
	peeked := bufio.NewReader(in)
	head, _ := peeked.Peek(512)
	if head = bytes.TrimLeft(head, " \t\r\n"); len(head) == 0 || head[0] != '{' {
		if once {
			return struct {
				io.Reader
				io.Closer
			}{peeked, in}, nil, nil
		}
		return nil, nil, in.Close()
	}
	defer in.Close()
	data, err = io.ReadAll(io.LimitReader(peeked, maxReport+1))
	if err == nil && len(data) > maxReport {
		err = errors.New("the report is larger than " + words.Size(maxReport))
	}
	return nil, data, err
}

// parseReport decodes what `--format json` wrote.
func parseReport(data []byte) (answer.Report, error) {
	r, err := answer.ParseReport(data)
	switch {
	case errors.Is(err, answer.ErrNewer):
		err = &hinted{err, []string{"update gwdoctor"}}
	case errors.Is(err, answer.ErrNoReport):
		err = &hinted{err, []string{"gwdoctor diagnose NAME --format json writes one; gwdoctor report also reads bundles " +
			"of gwdoctor capture"}}
	}
	return r, err
}
