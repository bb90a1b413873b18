package main

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/report"
)

func newExit(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "exit CONTAINER | CODE",
		Short: "Say what an exit code means, and what it does not prove",
		Long: "Explain an exit code, or a container's last exit in the light of what the engine knows of it.\n" +
			"A number is a code; a container whose name is a number is found by its id.",
		Example:           "  gwdoctor exit 137\n  gwdoctor exit gateway",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			answer, err := a.exitAnswer(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.print(answer, func(w io.Writer, s report.Style) error { return report.Exit(w, answer, s) })
		}),
	}
}

// longestCode is the length of 3221225477, a Windows status; more digits can only
// be a container's id.
const longestCode = 10

func (a *app) exitAnswer(ctx context.Context, arg string) (report.ExitAnswer, error) {
	if code, err := strconv.ParseInt(arg, 10, 64); err == nil && len(arg) <= longestCode {
		return exitOf(exitcode.Explain(int(code))), nil
	}
	b, err := a.Engine.Container(ctx, a.options(arg))
	if err != nil {
		return report.ExitAnswer{}, err
	}
	d := diagnose.Diagnose(b)
	known := evidence.Read(b).Container
	answer := report.ExitAnswer{SchemaVersion: answer.SchemaVersion, Meanings: []exitcode.Meaning{}}
	if d.Death.ExitCode != nil {
		answer = exitOf(exitcode.ExplainIn(*d.Death.ExitCode, contextOf(d, known)))
	}
	answer.Container = containerOf(d, known)
	return answer, nil
}

func exitOf(c exitcode.Code) report.ExitAnswer {
	return report.ExitAnswer{
		SchemaVersion: answer.SchemaVersion, Code: &c.Code, Signal: c.Signal, Title: c.Title,
		Meanings: c.Meanings, DoesNotProve: c.DoesNotProve,
	}
}

// contextOf tells what is known beside the code. The engine's flag and error
// belong to its newest run, so they are left out where that is not the one asked
// about.
func contextOf(d answer.Diagnosis, c *evidence.Container) exitcode.Context {
	known := exitcode.Context{Runtime: d.Target.Runtime}
	if c == nil {
		return known
	}
	started := d.Death.State != "never-started"
	shell, init := c.ShellPID1(), c.Init
	known.Started, known.PID1Shell, known.InitProcess = &started, &shell, &init
	if !d.Death.Restarted {
		oom := c.State.OOMKilled
		known.OOMKilled, known.EngineError = &oom, c.State.Error
	}
	return known
}

func containerOf(d answer.Diagnosis, c *evidence.Container) *report.ExitContainer {
	answer := &report.ExitContainer{
		ID: d.Target.ID, Name: d.Target.Name, State: d.Death.State, EndedBy: d.Death.EndedBy,
		Reason: d.Death.Reason, At: d.Death.At, Restarted: d.Death.Restarted,
	}
	if c != nil && !d.Death.Restarted {
		oom := c.State.OOMKilled
		answer.OOMKilled, answer.EngineError = &oom, c.State.Error
	}
	return answer
}
