//go:build !unix

package main

import "io"

func width(io.Writer) int { return 0 }
