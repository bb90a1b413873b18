package kernellog

import (
	"fmt"
	"math"
	"time"
)

// SinceBoot writes a time of the kernel's clock: "12.345 s", "20 min 34 s", "3 h 12 min 9 s", "53 d 19 h".
func SinceBoot(seconds float64) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	switch whole := int64(seconds); {
	case seconds < 10*minute:
		return fmt.Sprintf("%.3f s", seconds)
	case seconds < hour:
		return fmt.Sprintf("%d min %d s", whole/minute, whole%minute)
	case seconds < day:
		return fmt.Sprintf("%d h %d min %d s", whole/hour, whole%hour/minute, whole%minute)
	default:
		return fmt.Sprintf("%d d %d h", whole/day, whole%day/hour)
	}
}

// moment is when a record was written, by either clock.
type moment struct {
	at   **time.Time
	boot *float64
}

// moments lists those of all records.
func (log *Log) moments() (list []moment) {
	for i := range log.Kills {
		list = append(list, moment{&log.Kills[i].At, log.Kills[i].BootSeconds})
	}
	for i := range log.Crashes {
		list = append(list, moment{&log.Crashes[i].At, log.Crashes[i].BootSeconds})
	}
	for i := range log.Trouble {
		list = append(list, moment{&log.Trouble[i].At, log.Trouble[i].BootSeconds})
	}
	return list
}

// date gives records of one boot the wall time that others of that boot show: audit records carry it, the lines beside
// them do not. The nearest such record counts, since the kernel's clock stands still while the machine is suspended.
func (log *Log) date() {
	all := log.moments()
	var known, unknown []moment
	for _, m := range all {
		switch {
		case m.boot == nil:
		case *m.at != nil:
			known = append(known, m)
		default:
			unknown = append(unknown, m)
		}
	}
	if len(known) == 0 || len(unknown) == 0 {
		return
	}
	for _, m := range unknown {
		at := dateBy(known, *m.boot)
		*m.at = &at
	}
	if log.From == nil && log.FromBoot != nil {
		from, to := dateBy(known, *log.FromBoot), dateBy(known, *log.ToBoot)
		log.From, log.To = &from, &to
	}
	log.Notes = append(log.Notes, Note{Kind: NoteTimeGuessed, Count: len(unknown), Detail: "these lines have the " +
		"kernel's clock alone; their dates were counted from those of audit records of the same boot"})
}

// dateBy counts from the known moment that is nearest to a time of the kernel's clock.
func dateBy(known []moment, boot float64) time.Time {
	nearest := known[0]
	for _, k := range known {
		if math.Abs(*k.boot-boot) < math.Abs(*nearest.boot-boot) {
			nearest = k
		}
	}
	since := math.Round((boot - *nearest.boot) * 1e6)
	return (*nearest.at).Add(time.Duration(since) * time.Microsecond)
}
