package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// env is the world around the program. Nothing below main looks at os.* streams,
// variables or the clock in another way.
type env struct {
	Program        string // the name that it was called by; see plugin.go
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	IsTerminal     func(io.Writer) bool
	Width          func(io.Writer) int // columns; 0 = not known
	Engine         engine
}

// engine is the live system, as the commands need it.
type engine interface {
	Container(ctx context.Context, o collect.Options) (*bundle.Bundle, error)
	URL(ctx context.Context, o collect.Options, address string) (*bundle.Bundle, error)
	List(ctx context.Context, o collect.Options) ([]collect.Summary, error)
	Logs(ctx context.Context, o collect.Options, follow bool) (*collect.LogStream, error)
	Machine(ctx context.Context, o collect.Options) []bundle.Source
	Containers(ctx context.Context, o collect.Options, inspect func(collect.Summary) bool) ([]evidence.Neighbour, error)
	KernelLog(ctx context.Context, o collect.Options, k host.KernelOptions) (*host.KernelLog, error)
	CoreRecords(ctx context.Context, o collect.Options, since time.Time) ([]coredump.JournalRecord, error)
	CoreFiles(ctx context.Context, o collect.Options, paths []string) *bundle.Bundle
	HostCores(ctx context.Context, o collect.Options) *bundle.Bundle
	InsidePID(ctx context.Context, o collect.Options, pid int) *bundle.Bundle
}

// live is the engine and machine that package collect reaches.
type live struct{}

func (live) Container(ctx context.Context, o collect.Options) (*bundle.Bundle, error) {
	return collect.Container(ctx, o)
}

func (live) URL(ctx context.Context, o collect.Options, address string) (*bundle.Bundle, error) {
	return collect.URL(ctx, o, address)
}

func (live) List(ctx context.Context, o collect.Options) ([]collect.Summary, error) {
	return collect.List(ctx, o)
}

func (live) Logs(ctx context.Context, o collect.Options, follow bool) (*collect.LogStream, error) {
	return collect.Logs(ctx, o, follow)
}

func (live) Machine(ctx context.Context, o collect.Options) []bundle.Source {
	return collect.Sources(ctx, o)
}

func (live) Containers(ctx context.Context, o collect.Options,
	inspect func(collect.Summary) bool) ([]evidence.Neighbour, error) {
	return collect.Containers(ctx, o, inspect)
}

func (live) KernelLog(ctx context.Context, o collect.Options, k host.KernelOptions) (*host.KernelLog, error) {
	return o.OpenKernelLog(ctx, k)
}

func (live) CoreRecords(ctx context.Context, o collect.Options, since time.Time) ([]coredump.JournalRecord, error) {
	return o.WithUsual().CoreRecords(ctx, since)
}

func (live) CoreFiles(ctx context.Context, o collect.Options, paths []string) *bundle.Bundle {
	return collect.CoreFiles(ctx, o, paths)
}

func (live) InsidePID(ctx context.Context, o collect.Options, pid int) *bundle.Bundle {
	return collect.InsidePID(ctx, o, pid)
}

func (live) HostCores(ctx context.Context, o collect.Options) *bundle.Bundle {
	return collect.HostCores(ctx, o)
}

// system is the real world.
func system() env {
	return env{
		Program: os.Args[0], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, IsTerminal: isTerminal, Width: width, Engine: live{},
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}
