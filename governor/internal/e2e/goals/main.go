// Command goals reads the output of go test -bench and prints, for each goal of
// the project, what was asked for, what was measured and whether it is met. A
// ratio is that of two medians of one run.
//
//	go test -run '^$' -bench Goal -count 6 ./... | go run ./goals [-group stores] [-markdown]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
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
	if err := table(rows, markdown, out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%d of %d goals met\n", met, len(rows))
	return err
}

// table prints a line for each goal, aligned for a terminal or as Markdown.
func table(rows []row, markdown bool, out io.Writer) error {
	begin, between, end := "", "\t", "\n"
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	lines := [][]string{{"#", "measure", "goal", "measured", "verdict"}}
	if markdown {
		begin, between, end = "| ", " | ", " |\n"
		lines = append(lines, []string{"---", "---", "---", "---", "---"})
	}
	for _, r := range rows {
		lines = append(lines, []string{r.id, r.what, r.goal, r.measured, r.verdict})
	}
	for _, line := range lines {
		if _, err := io.WriteString(w, begin+strings.Join(line, between)+end); err != nil {
			return err
		}
	}
	return w.Flush()
}
