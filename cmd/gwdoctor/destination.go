package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Forms of a result.
const (
	formatText = "text"
	formatJSON = "json"
)

const maxWidth = 120 // longer lines are hard to read, however wide the terminal is

// coloured decides about colour for one destination: the flag, then NO_COLOR
// (no-color.org: any value but an empty one), FORCE_COLOR and CLICOLOR_FORCE, then TERM, then the destination
// itself. Files and machine formats never get here.
func (a *app) coloured(w io.Writer) bool {
	switch {
	case a.color.value != "auto":
		return a.color.value == "always"
	case a.Getenv("NO_COLOR") != "":
		return false
	case forced(a.Getenv("FORCE_COLOR")), forced(a.Getenv("CLICOLOR_FORCE")):
		return true
	case a.Getenv("TERM") == "dumb", a.Getenv("CLICOLOR") == "0":
		return false
	}
	return a.IsTerminal(w)
}

// forced tells whether a variable asks for colour: any value but 0 and the empty one
// (https://force-color.org, https://bixense.com/clicolors).
func forced(value string) bool { return value != "" && value != "0" }

// print writes a result in the wanted form: the document as JSON, or what text
// makes of a style.
func (a *app) print(document any, text func(io.Writer, layout.Style) error) error {
	return a.printAs(a.format.value, document, text)
}

func (a *app) printAs(format string, document any, text func(io.Writer, layout.Style) error) error {
	return a.emit(func(w io.Writer, s layout.Style) error {
		if format == formatText {
			return text(w, s)
		}
		return report.Document(w, document)
	})
}

// emit sends what render writes to where it belongs.
func (a *app) emit(render func(io.Writer, layout.Style) error) error {
	if a.toStdout() {
		return render(a.Stdout, a.style())
	}
	var buf bytes.Buffer
	if err := render(&buf, layout.Style{Verbose: a.verbose}); err != nil { // of a file: no colour, the usual width
		return err
	}
	return a.writeFile(a.output, buf.Bytes())
}

func (a *app) toStdout() bool { return a.output == "" || a.output == "-" }

// style is how standard output is written.
func (a *app) style() layout.Style {
	return layout.Style{Verbose: a.verbose, Color: a.coloured(a.Stdout), Width: min(a.Width(a.Stdout), maxWidth)}
}

// writeFile writes a file at once or not at all, readable by its owner only: a
// report quotes logs. What is no regular file (/dev/null, a pipe) is written to as
// it is.
func (a *app) writeFile(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		if err := a.appendTo(path, data, os.O_WRONLY); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		return nil
	}
	if err := replaceFile(path, data); err != nil {
		return fmt.Errorf("write output %q: %w", path, err)
	}
	return nil
}

// appendTo writes to what may be a pipe that nobody reads.
func (a *app) appendTo(path string, data []byte, flag int) error {
	f, err := interruptible.OpenFile(a.telling, path, flag, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".gwdoctor-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one that matters
	}
	return err
}

// checkFolder fails before any work is done for an output that has nowhere to go.
func checkFolder(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("write output %q: it is a folder", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("write output %q: %w", path, fs.ErrNotExist)
	}
	return nil
}
