// Package enginetest is what the tests of several packages need of an engine and of a
// machine: an engine on a unix socket whose answers a test chooses, and folders that look
// like /proc, control groups and layers. It is not part of the program.
package enginetest
