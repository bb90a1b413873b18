package traceback

import (
	"fmt"
	"slices"
	"strings"
)

// libraryFolders hold code that is not the service's own, whatever the language.
var libraryFolders = []string{"/site-packages/", "/dist-packages/", "/usr/lib/", "/usr/local/lib/", "/usr/local/go/",
	"/node_modules/", "/rustc/", "/go/pkg/mod/", "/.cargo/registry/", "/vendor/", "/gems/"}

// libraryFiles begin so where a frame has no folder that tells.
var libraryFiles = []string{"<", "node:", "internal/", "java.", "javax.", "jdk.", "sun.", "lib/python"}

// Own returns the newest frame of the service's own code; ok is false where the stack has none, or is not known.
func (e *Exception) Own() (frame Frame, ok bool) {
	for i, f := range slices.Backward(e.Frames) {
		command := isCommand(f.File) && i+1 < len(e.Frames) && ofPackage(e.Frames[i+1].File)
		if f.File != "" && !ofLibrary(f.File) && !command {
			return f, true
		}
	}
	return Frame{}, false
}

// isCommand knows a file in a folder of programs, as pip writes one for each command of a package ("/usr/bin/uvicorn");
// what it calls next is that package.
func isCommand(file string) bool {
	at := strings.LastIndexByte(file, '/') + 1
	return strings.HasSuffix(file[:at], "/bin/") && !strings.Contains(file[at:], ".")
}

func ofPackage(file string) bool {
	return strings.Contains(file, "/site-packages/") || strings.Contains(file, "/dist-packages/")
}

func ofLibrary(file string) bool {
	slashed := "/" + strings.TrimPrefix(strings.ReplaceAll(file, `\`, "/"), "/")
	for _, folder := range libraryFolders {
		if strings.Contains(slashed, folder) {
			return true
		}
	}
	return slices.ContainsFunc(libraryFiles, func(prefix string) bool { return strings.HasPrefix(file, prefix) })
}

// Place names the service's own line that an exception came through: "app/main.py:33 in up"; "" = not known.
func (e *Exception) Place() string {
	f, ok := e.Own()
	if !ok {
		return ""
	}
	place := fmt.Sprintf("%s:%d", strings.TrimPrefix(f.File, "./"), f.Line)
	if f.Function != "" && f.Function != "<module>" {
		place += " in " + f.Function
	}
	return place
}
