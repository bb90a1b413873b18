package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report"
)

// reporting are the flags of the commands that report on containers.
type reporting struct {
	format, failOn enum
	minConfidence  probability
	outputDir      string
	force          bool
	quiet          bool
}

// addFormat adds --format with every form of a report; it hides the common flag,
// which has two.
func (o *reporting) addFormat(cmd *cobra.Command) {
	addEnum(cmd, cmd.Flags(), &o.format, "format,f", "form of the report", report.FormatNames()...)
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "of a text, only the table: a line for each container")
}

// add adds all of them.
func (o *reporting) add(cmd *cobra.Command) {
	o.addFormat(cmd)
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("min-confidence") && !cmd.Flags().Changed("fail-on") {
			return usagef("--min-confidence does nothing without --fail-on cause")
		}
		return nil
	}
	flags := cmd.Flags()
	addEnum(cmd, flags, &o.failOn, "fail-on", "exit with 1 when a cause is found, or when anything but \"nothing "+
		"failed\" is", "never", fact.VerdictCause, "any")
	flags.Var(&o.minConfidence, "min-confidence", "with --fail-on cause, count only causes at least this likely: 0.8 "+
		"or 80%")
	flags.StringVar(&o.outputDir, "output-dir", "", "also write the CI artifact to `DIR`: every form, and a redacted "+
		"bundle of each failed container")
	flags.BoolVar(&o.force, "force", false, "let --output-dir replace the report's files in a folder that is not empty")
}

// holds tells whether a report has what --fail-on asks about.
func (o *reporting) holds(r answer.Report) bool {
	for _, d := range r.Diagnoses {
		switch {
		case o.failOn.value == fact.VerdictCause && d.Verdict.Kind == fact.VerdictCause &&
			d.Verdict.Confidence >= float64(o.minConfidence),
			o.failOn.value == "any" && d.Verdict.Kind != fact.NotAFailure:
			return true
		}
	}
	return false
}

// probability is a flag of 0 to 1, also written in per cent.
type probability float64

func (p *probability) Type() string   { return "P" }
func (p *probability) String() string { return strconv.FormatFloat(float64(*p), 'g', -1, 64) }

func (p *probability) Set(text string) error {
	digits, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if percent {
		n /= 100
	}
	if err != nil || !(n >= 0 && n <= 1) { // NaN is neither
		return fmt.Errorf("want 0 to 1, or 0%% to 100%%")
	}
	*p = probability(n)
	return nil
}
