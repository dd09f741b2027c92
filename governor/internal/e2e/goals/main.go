// Command goals reads the output of go test -bench and prints, for each goal of
// the project, what was asked for, what was measured and whether it is met. A
// ratio is that of two medians of one run.
//
//	go test -run '^$' -bench Goal -count 6 ./... | go run ./goals [-group stores] [-markdown]
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

func main() {
	group := flag.String("group", "", "print the goals of one group alone: window, decision or stores")
	markdown := flag.Bool("markdown", false, "print the table as Markdown")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *group, *markdown); err != nil {
		fmt.Fprintln(os.Stderr, "goals:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, group string, markdown bool) error {
	m, err := read(in)
	if err != nil {
		return err
	}
	var rows []row
	met := 0
	for _, g := range goals {
		if group != "" && g.group != group {
			continue
		}
		r := g.judge(m)
		if r.met {
			met++
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return fmt.Errorf("there is no group %q", group)
	}
	if err := errors.Join(print(out, rows, markdown)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%d of %d goals met\n", met, len(rows))
	return err
}

func print(out io.Writer, rows []row, markdown bool) error {
	if markdown {
		fmt.Fprintln(out, "| # | measure | goal | measured | |")
		fmt.Fprintln(out, "|---|---|---|---|---|")
		for _, r := range rows {
			fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", r.id, r.what, r.goal, r.measured, r.verdict)
		}
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "#\tmeasure\tgoal\tmeasured\tverdict")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.id, r.what, r.goal, r.measured, r.verdict)
	}
	return w.Flush()
}
