package main

import "github.com/spf13/cobra"

// bundleFlag adds --bundle to a command that answers about a container and can answer from a recording of it.
func bundleFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "bundle", "", "answer from a recorded incident: `PATH` of a folder or .tar.gz, - for "+
		"standard input")
}

// orBundle wants the arguments of a command, or a recorded incident instead of them.
func orBundle(path *string, want cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("bundle") {
			return want(cmd, args)
		}
		if len(args) > 0 || *path == "" {
			return usagef("--bundle PATH is the recording to answer from; it goes with no other argument")
		}
		return nil
	}
}
