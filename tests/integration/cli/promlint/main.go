// Judges metrics as Prometheus does: its parser for the text format, which is the one of the node exporter's textfile
// collector, and its linter for names. What it finds goes to standard output, a line each.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sort"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	exitOn(err)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	exitOn(err)
	names := make([]string, 0, len(families))
	for name, family := range families {
		for _, metric := range family.GetMetric() {
			if metric.TimestampMs != nil {
				exitOn(fmt.Errorf("%s has a timestamp, which the textfile collector refuses", name))
			}
		}
		names = append(names, fmt.Sprintf("family %s %d", name, len(family.GetMetric())))
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name)
	}
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	exitOn(err)
	for _, problem := range problems {
		fmt.Printf("problem %s: %s\n", problem.Metric, problem.Text)
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
