// Command rules reads alert rules as Prometheus itself would and says what they ask for and when
// they fire. It takes a Question as JSON from its standard input and writes an Answer.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// Question has groups of rules, as a rule file has them, and situations to try them in.
type Question struct {
	Rules      string      `json:"rules"`
	Situations []Situation `json:"situations"`
}

// Situation is a set of series in the notation of promtool's unit tests, looked at after some time.
type Situation struct {
	Name    string `json:"name"`
	Series  string `json:"series"`
	Minutes int    `json:"minutes"`
}

// Answer says what each alert asks for, and which alerts each situation makes fire.
type Answer struct {
	Asked map[string][]Selector `json:"asked"`
	Fires map[string][]Firing   `json:"fires"`
}

// Selector is one metric with the labels that are asked of it. The name may be a pattern.
type Selector struct {
	Metric    string   `json:"metric"`
	IsPattern bool     `json:"isPattern"`
	Labels    []string `json:"labels"`
}

// Firing is one alert that stands, with the labels it says.
type Firing struct {
	Alert  string            `json:"alert"`
	Labels map[string]string `json:"labels"`
}

func main() {
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer() error {
	var question Question
	if err := json.NewDecoder(os.Stdin).Decode(&question); err != nil {
		return err
	}
	groups, faults := rulefmt.Parse([]byte(question.Rules), false, model.UTF8Validation)
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	result := Answer{Asked: map[string][]Selector{}, Fires: map[string][]Firing{}}
	rules := []rulefmt.Rule{}
	for _, group := range groups.Groups {
		rules = append(rules, group.Rules...)
	}
	for _, rule := range rules {
		expression, err := parser.ParseExpr(rule.Expr)
		if err != nil {
			return fmt.Errorf("%s: %w", rule.Alert, err)
		}
		result.Asked[rule.Alert] = append(result.Asked[rule.Alert], listSelectors(expression)...)
	}
	for _, situation := range question.Situations {
		firing, err := try(situation, rules)
		if err != nil {
			return fmt.Errorf("%s: %w", situation.Name, err)
		}
		result.Fires[situation.Name] = firing
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func listSelectors(expression parser.Expr) []Selector {
	found := []Selector{}
	for _, matchers := range parser.ExtractSelectors(expression) {
		one := Selector{Labels: []string{}}
		for _, matcher := range matchers {
			if matcher.Name == labels.MetricName {
				one.Metric = matcher.Value
				one.IsPattern = matcher.Type != labels.MatchEqual
			} else {
				one.Labels = append(one.Labels, matcher.Name)
			}
		}
		found = append(found, one)
	}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if aggregate, isAggregate := node.(*parser.AggregateExpr); isAggregate && !aggregate.Without {
			for _, one := range parser.ExtractSelectors(aggregate) {
				for index := range found {
					if found[index].Metric == nameOf(one) {
						found[index].Labels = append(found[index].Labels, aggregate.Grouping...)
					}
				}
			}
		}
		return nil
	})
	for index := range found {
		slices.Sort(found[index].Labels)
		found[index].Labels = slices.Compact(found[index].Labels)
	}
	return found
}

func nameOf(matchers []*labels.Matcher) string {
	for _, matcher := range matchers {
		if matcher.Name == labels.MetricName {
			return matcher.Value
		}
	}
	return ""
}

func try(situation Situation, rules []rulefmt.Rule) ([]Firing, error) {
	series, err := readSeries(situation.Series)
	if err != nil {
		return nil, err
	}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1_000_000, Timeout: 10 * time.Second})
	defer engine.Close()
	at := time.Unix(0, 0).UTC().Add(time.Duration(situation.Minutes) * time.Minute)
	firing := []Firing{}
	for _, rule := range rules {
		query, err := engine.NewInstantQuery(context.Background(), series, nil, rule.Expr, at)
		if err != nil {
			return nil, err
		}
		result := query.Exec(context.Background())
		vector, err := result.Vector()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rule.Alert, err)
		}
		for _, sample := range vector {
			said := sample.Metric.Map()
			for name, value := range rule.Labels {
				said[name] = value
			}
			firing = append(firing, Firing{Alert: rule.Alert, Labels: said})
		}
		query.Close()
	}
	return firing, nil
}

// readSeries reads one series a line, with a value for each minute.
func readSeries(text string) (storage.Queryable, error) {
	all := []storage.Series{}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		metric, values, err := parser.ParseSeriesDesc(strings.TrimSpace(line))
		if err != nil {
			return nil, err
		}
		points := []promql.FPoint{}
		for minute, value := range values {
			if !value.Omitted {
				at := time.Duration(minute) * time.Minute
				points = append(points, promql.FPoint{T: at.Milliseconds(), F: value.Value})
			}
		}
		all = append(all, promql.NewStorageSeries(promql.Series{Metric: metric, Floats: points}))
	}
	choose := func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		chosen := []storage.Series{}
		for _, one := range all {
			if fits(one.Labels(), matchers) {
				chosen = append(chosen, one)
			}
		}
		return &seriesSet{rest: chosen}
	}
	return storage.QueryableFunc(func(int64, int64) (storage.Querier, error) {
		return &storage.MockQuerier{SelectMockFunction: choose}, nil
	}), nil
}

func fits(metric labels.Labels, matchers []*labels.Matcher) bool {
	for _, matcher := range matchers {
		if !matcher.Matches(metric.Get(matcher.Name)) {
			return false
		}
	}
	return true
}

// seriesSet gives one series after another.
type seriesSet struct {
	at   storage.Series
	rest []storage.Series
}

func (set *seriesSet) Next() bool {
	if len(set.rest) == 0 {
		return false
	}
	set.at, set.rest = set.rest[0], set.rest[1:]
	return true
}
func (set *seriesSet) At() storage.Series                { return set.at }
func (set *seriesSet) Err() error                        { return nil }
func (set *seriesSet) Warnings() annotations.Annotations { return nil }
