// Command genlog writes a large kernel log and, beside it, what is in it:
//
//	go run ./docs/measure/genlog -size 200 -format dmesg -o klog -truth klog.truth
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog/genlog"
)

func main() {
	var o genlog.Options
	size := flag.Int("size", 200, "size in MB (1e6 bytes)")
	flag.Int64Var(&o.Seed, "seed", 42, "the same seed gives the same log")
	flag.StringVar(&o.Format, "format", "dmesg", "one of "+strings.Join(genlog.Formats, ", "))
	out := flag.String("o", "klog", "file to write")
	truth := flag.String("truth", "klog.truth", "file for what is in it, as JSON")
	flag.Parse()
	o.Size = *size * 1e6
	if err := write(o, *out, *truth); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func write(o genlog.Options, out, truth string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	found, err := genlog.Write(f, o)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %q: %w", out, err)
	}
	fmt.Printf("%s: %d lines, %d dumps, %d kills, %d crashes\n", out, found.Lines, found.Dumps, len(found.KillList),
		found.Segv+found.Traps)
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	return os.WriteFile(truth, text, 0o644)
}
