package kernellog

import "time"

// span is the time that a log covers. It is kept by value: every line moves it.
type span struct {
	from, to         time.Time
	fromBoot, toBoot float64 // of the current boot
	hasWall, hasBoot bool
}

func (p *span) see(at time.Time) {
	if !p.hasWall {
		p.from, p.hasWall = at, true
	}
	p.to = at
}

func (p *span) fill(log *Log) {
	if p.to.Before(p.from) { // the newest line came first
		p.from, p.to = p.to, p.from
	}
	if p.hasWall {
		log.From, log.To = &p.from, &p.to
	}
	if p.hasBoot {
		log.FromBoot, log.ToBoot = &p.fromBoot, &p.toBoot
	}
}
