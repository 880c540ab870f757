// A schedule runs in simulation: no server, no time, the same every time. The figures
// measured are those expected.
//
// RUN: xcs-translate --xcs-to-schedule %s -o %t.json
// RUN: xcs-run %t.json --plan answer --time-scale=0 --input question="How high is a house?" 2>&1 | FileCheck %s --check-prefix=ANSWER
// RUN: xcs-run %t.json --plan answer --time-scale=0 --quiet --format=json --input question=x > %t.1 2> %t.err
// RUN: count 0 < %t.err
// RUN: xcs-run %t.json --plan answer --time-scale=0 --quiet --format=json --input 0=x > %t.2
// RUN: diff %t.1 %t.2
// RUN: FileCheck %s --check-prefix=JSON < %t.1

// ANSWER:      answer: {{.+}}
// ANSWER-NEXT: votes: [{{.*}}]
// ANSWER-NEXT: plan 'answer': 1 run (simulated)
// ANSWER-NEXT:   time{{ +}}4.00 s expected 4.00 s
// ANSWER-NEXT:   requests{{ +}}4 expected 4
// ANSWER-NEXT:   input tokens
// ANSWER-NEXT:   output tokens{{ +}}400 expected 400
// ANSWER-NEXT:   cost{{ +}}$0.001136 expected $0.001136

// Of its requests three may run at once, unless fewer may.
// RUN: xcs-run %t.json --plan answer --time-scale=0 --input question=x --concurrency=1 2>&1 | FileCheck %s --check-prefix=NARROW
// NARROW: time{{ +}}8.00 s expected 4.00 s

// Scores of labels are a distribution.
// RUN: xcs-run %t.json --plan labels --time-scale=0 --quiet --input question=x | %python -c "import json, sys; print(round(sum(json.load(sys.stdin)), 9))" | FileCheck %s --check-prefix=LABELS
// LABELS: 1.0

// JSON: {"run":0,"failed":false,"outputs":{"answer":"{{.*}}","votes":[{{.*}}]},"time_ms":4000.000,"cost_usd":{{.*}}}

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 2.0 : f64,
                    ttft_ms = 1000.0 : f64, output_tokens_per_s = 100.0 : f64}

func.func @answer(%question: !text {xcs_llm.name = "question", xcs_llm.tokens = 10 : i64})
    -> (!text {xcs_llm.name = "answer"}, tensor<3x!text> {xcs_llm.name = "votes"}) {
  %a = xcs_llm.generate "m" (%question) {expected_output_tokens = 100 : i64} : !text
  %b = xcs_llm.generate "m" (%question) {expected_output_tokens = 100 : i64} : !text
  %c = xcs_llm.generate "m" (%question) {expected_output_tokens = 100 : i64} : !text
  %all = tensor.from_elements %a, %b, %c : tensor<3x!text>
  %prompt = xcs_llm.prompt_template "Which is best? {all}" (%all : tensor<3x!text>)
  %best = xcs_llm.generate "m" (%prompt) {expected_output_tokens = 100 : i64} : !text
  return %best, %all : !text, tensor<3x!text>
}

// Many runs go on at once; their results come in the order of the inputs.
//
// RUN: echo '{"question":"a"}' > %t.rows
// RUN: echo '["b"]' >> %t.rows
// RUN: xcs-run %t.json --plan answer --time-scale=0 --inputs %t.rows 2>&1 | FileCheck %s --check-prefix=ROWS

// ROWS:      {"run":0,{{.*}}"time_ms":4000.000
// ROWS-NEXT: {"run":1,{{.*}}"time_ms":4000.000
// ROWS-NEXT: plan 'answer': 2 runs (simulated)
// ROWS-NEXT:   time{{ +}}4.00 s{{$}}
// ROWS-NEXT:     of one run{{ +}}4.00 s expected 4.00 s
// ROWS-NEXT:   requests{{ +}}8 expected 8

// What a run may not cost or last ends it, and it says what is lost.
//
// RUN: not xcs-run %t.json --plan cheap --time-scale=0 --input question=x > %t.out 2> %t.err
// RUN: FileCheck %s --check-prefix=BUDGET < %t.err
// RUN: count 0 < %t.out
// RUN: not xcs-run %t.json --plan hasty --time-scale=0 --input question=x 2>&1 | FileCheck %s --check-prefix=DEADLINE

// BUDGET: xcs-run: plan1 has ended early: 'generate2' was not started: it would cost about 0.000{{[0-9]+}} dollars, and of 0.000300 there were 0.000{{[0-9]+}} spent and 0.000000 for what is under way; lost: generate2
// BUDGET: plan 'cheap': 1 run, 1 failed

// DEADLINE: xcs-run: plan1 has ended early: 'generate2' was not started: it would end 1000 ms after the deadline; lost: generate2

func.func @cheap(%question: !text {xcs_llm.name = "question"}) -> !text attributes {xcs_llm.budget_usd = 0.0003 : f64} {
  %a = xcs_llm.generate "m" (%question) {expected_output_tokens = 100 : i64} : !text
  %b = xcs_llm.generate "m" (%a) {expected_output_tokens = 100 : i64} : !text
  return %b : !text
}

func.func @hasty(%question: !text {xcs_llm.name = "question"}) -> !text attributes {xcs_llm.deadline_ms = 3000.0 : f64} {
  %a = xcs_llm.generate "m" (%question) {expected_output_tokens = 100 : i64} : !text
  %b = xcs_llm.generate "m" (%a) {expected_output_tokens = 100 : i64} : !text
  return %b : !text
}

func.func @labels(%question: !text {xcs_llm.name = "question"}) -> tensor<3xf64> {
  %scores = xcs_llm.score "m" (%question) {labels = ["good", "bad", "neither"]} : tensor<3xf64>
  return %scores : tensor<3xf64>
}
