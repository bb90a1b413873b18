package collect

import (
	"context"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectKernelLog keeps the kernel's ring word for word, or the journal's copy of it. It is read before anybody knows
// whether the engine runs on this kernel, which may take a slow engine seconds to say; of one that is proven to run
// elsewhere it is dropped. Where nobody knows, its lines count (they name containers by their ids), its silence does
// not.
func collectKernelLog(ctx context.Context, s *session) source.Outcome {
	if !s.endpoint.Local {
		return source.Absent(s.host(ctx).reason, "run gwdoctor on the engine's host")
	}
	o := s.roundKernelLog(ctx)
	proof := s.host(ctx)
	switch {
	case proof.other:
		return source.Absent(proof.reason, "run gwdoctor on the engine's host")
	case !proof.here && len(o.Files) > 0:
		o.Source.Status, o.Source.From = fact.StatusTruncated, nil
		o.Source.Detail += "; " + proof.reason + ": what it holds of this container counts, its silence does not"
	}
	return o
}

// roundKernelLog is the kernel log, shared as the ring is, and with it what the journal has of the time around the
// container's end where the ring does not reach back to it. Where it does, the daemons that kill for lack of memory
// are left, which write to the journal alone.
func (s *session) roundKernelLog(ctx context.Context) source.Outcome {
	o := s.sharedKernelLog(ctx)
	end := s.container.FinishedAt
	switch {
	case end.IsZero():
		return o
	case o.Source.From != nil && (o.Source.From.Before(end.Add(-host.AroundBefore)) ||
		host.SinceBoot(o) && o.Source.From.Before(end)):
		return s.withKillers(ctx, o)
	}
	journal, cancel := withReserve(ctx)
	defer cancel()
	around, ok := s.JournalAround(journal, end)
	if !ok {
		if len(o.Files) > 0 {
			o.Source.Detail += "; it does not reach back to the container's end, and " + noJournal(journal)
			o.Source.Command = host.AroundCommand(end)
		}
		return o
	}
	if len(o.Files) == 0 {
		o = source.Collected("journal")
		o.Source.To = source.Wall(s.Now())
	}
	return withFiles(o, "; the journal around the end: ", around)
}

// withKillers adds what systemd-oomd, earlyoom and their like wrote around an end that may be theirs: they send SIGTERM
// or SIGKILL, which a server answers with success.
func (s *session) withKillers(ctx context.Context, o source.Outcome) source.Outcome {
	switch s.container.ExitCode {
	case 0, 128 + int(syscall.SIGTERM), 128 + int(syscall.SIGKILL):
	default:
		return o
	}
	journal, cancel := withReserve(ctx)
	defer cancel()
	if killers, ok := s.JournalKillers(journal, s.container.FinishedAt); ok {
		return withFiles(o, "; the journal of a daemon that kills for lack of memory: ", killers)
	}
	if journal.Err() != nil {
		o.Source.Detail += "; whether a daemon killed it for lack of memory: " + noJournal(journal)
	}
	return o
}

// withReserve is for reading the journal, which may take longer than there is: it ends so much before ctx that the
// ring, which was read before, is still kept (a machine with one busy CPU needed more than 5 s for both).
func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	until, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, until.Add(-time.Until(until)/4))
}

// noJournal says why nothing came of the journal.
func noJournal(ctx context.Context) string {
	if ctx.Err() != nil {
		return "the journal gave no answer in time"
	}
	return "no journal does"
}

// withFiles adds another outcome's files; the first one's may be shared.
func withFiles(o source.Outcome, head string, other source.Outcome) source.Outcome {
	o.Source.Detail += head + other.Source.Detail
	o.Files = append(o.Files[:len(o.Files):len(o.Files)], other.Files...)
	return o
}

func (s *session) sharedKernelLog(ctx context.Context) source.Outcome {
	if s.Round == nil {
		return s.KernelLog(ctx, s.sudo())
	}
	now := s.Now()
	o, _, err := s.Round.kernel.get(ctx, "", s.settled(now), now, func() (source.Outcome, error) {
		return s.KernelLog(ctx, s.sudo()), nil
	})
	if err != nil {
		return source.Failed(err)
	}
	return o
}
