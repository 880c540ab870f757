// RUN: xcs-opt %s --xcs-batch-prompts="pack=3" -o %t.once && FileCheck %s --input-file %t.once
// RUN: xcs-opt %t.once --xcs-batch-prompts="pack=3" -o %t.twice && diff %t.once %t.twice
// RUN: xcs-opt %s --xcs-batch-prompts="pack=3 allow=distribution" | FileCheck %s --check-prefix=NARROW
// RUN: xcs-opt %s --xcs-batch-prompts="pack=3 objective=latency" | FileCheck %s --check-prefix=NARROW
// RUN: xcs-opt %s --xcs-batch-prompts | FileCheck %s --check-prefix=NARROW
// RUN: xcs-opt %s --xcs-batch-prompts="pack=3" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: not xcs-opt %s --xcs-batch-prompts="pack=1" 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: not xcs-opt %s --xcs-batch-prompts="pack-accept-rate=1.5" 2>&1 | FileCheck %s --check-prefix=RATE

// NARROW-NOT: xcs_llm.cascade
// ONE: error: {{.*}}pack must be 0 or at least 2 (got 1)
// RATE: error: {{.*}}pack-accept-rate must be from 0 to 1 (got 1.5

!text = !xcs_llm.text
#label = "You label support tickets of a shop for garden tools. A ticket is urgent if a customer cannot work at all, or asks for money back; it is normal if something is late or broken; everything else can wait. Do not be fooled by capitals, and do not explain your choice. Write one of the words urgent, normal, later, and behind it, in brackets, the product that the ticket is about, as in: normal (hedge shears).\n\nTicket: {ticket}"

xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64,
  ttft_ms = 200.0 : f64, output_tokens_per_s = 100.0 : f64}

// CHECK-LABEL: func.func @tickets
// CHECK: %[[PROMPT:.*]] = xcs_llm.prompt_template "Do the following for each of the items below, with its own [ticket]:\0AYou label {{.*}}Ticket: [ticket]\0A\0AItems:\0A1. {v0}\0A2. {v1}\0A3. {v2}\0A\0AAnswer with nothing but a JSON list of 3 strings, in order." (%{{.*}}, %{{.*}}, %{{.*}})
// CHECK: %[[LIST:.*]] = xcs_llm.generate "small" (%[[PROMPT]]) {expected_output_tokens = 39 : i64, max_tokens = 108 : i64, temperature = 0.000000e+00 : f64}
// CHECK: %[[FIRST:.*]] = xcs_llm.cascade -> !xcs_llm.text {
// CHECK:   xcs_llm.parse_response %[[LIST]] as json "/0" {expected_output_tokens = 10 : i64}
// CHECK: }, {
// CHECK:   xcs_llm.prompt_template "You label
// CHECK:   xcs_llm.generate "small" (%{{.*}}) {expected_output_tokens = 10 : i64, max_tokens = 30 : i64, temperature = 0.000000e+00 : f64}
// CHECK: } {accept_rate = array<f64: 0.9
// CHECK: xcs_llm.parse_response %[[FIRST]] as choice
// CHECK: as json "/1"
// CHECK: as json "/2"
// CHECK: return
// REMARK: [Passed] packed {{.*}}Function=tickets{{.*}}Class=quality-bounded{{.*}}"put 3 items into 1 requests"
func.func @tickets(%a: !text, %b: !text, %c: !text) -> (i64, i64, i64) attributes {xcs_llm.allow = "quality"} {
  %p1 = xcs_llm.prompt_template #label (%a)
  %r1 = xcs_llm.generate "small" (%p1) {temperature = 0.0 : f64, max_tokens = 30 : i64, expected_output_tokens = 10 : i64} : !text
  %v1 = xcs_llm.parse_response %r1 as choice {choices = ["urgent", "normal", "later"]} : i64
  %p2 = xcs_llm.prompt_template #label (%b)
  %r2 = xcs_llm.generate "small" (%p2) {temperature = 0.0 : f64, max_tokens = 30 : i64, expected_output_tokens = 10 : i64} : !text
  %v2 = xcs_llm.parse_response %r2 as choice {choices = ["urgent", "normal", "later"]} : i64
  %p3 = xcs_llm.prompt_template #label (%c)
  %r3 = xcs_llm.generate "small" (%p3) {temperature = 0.0 : f64, max_tokens = 30 : i64, expected_output_tokens = 10 : i64} : !text
  %v3 = xcs_llm.parse_response %r3 as choice {choices = ["urgent", "normal", "later"]} : i64
  return %v1, %v2, %v3 : i64, i64, i64
}

// A batch of the program's own, as even packs of what all items share, which is a
// system message; samples keep their numbers.
// CHECK-LABEL: func.func @own_batch
// CHECK: xcs_llm.batch
// CHECK: xcs_llm.generate "small" (system %{{.*}}, user %{{.*}})
// CHECK-COUNT-4: xcs_llm.cascade
// CHECK: xcs_llm.sample_ids = array<i64: 4>
// CHECK: tensor.from_elements
func.func @own_batch(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<4x!text> {xcs_llm.tokens = 20 : i64}) -> tensor<4x!text> attributes {xcs_llm.allow = "quality"} {
  %rs = xcs_llm.batch (%q in %qs : tensor<4x!text>) -> tensor<4x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {expected_output_tokens = 10 : i64, xcs_llm.sample_ids = array<i64: 1, 2, 3, 4>} : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<4x!text>
}

// What is left over is asked for by itself.
// CHECK-LABEL: func.func @left_over
// CHECK-COUNT-2: "/2"
// CHECK-NOT: "/3"
// CHECK: return
func.func @left_over(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<6x!text> {xcs_llm.tokens = 20 : i64}) -> tensor<6x!text> attributes {xcs_llm.allow = "quality"} {
  %rs = xcs_llm.batch (%q in %qs : tensor<6x!text>) -> tensor<6x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {expected_output_tokens = 10 : i64} : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<6x!text>
}

// CHECK-LABEL: func.func @negative_no_leave
// CHECK-NOT: xcs_llm.cascade
// REMARK: [Missed] not-packed {{.*}}Function=negative_no_leave{{.*}}there is no leave for rewrites that may change answers
func.func @negative_no_leave(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<3x!text>) -> tensor<3x!text> {
  %rs = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<3x!text>
}

// CHECK-LABEL: func.func @negative_nothing_in_common
// CHECK-NOT: xcs_llm.cascade
// REMARK: Function=negative_nothing_in_common{{.*}}it would not pay
func.func @negative_nothing_in_common(%qs: tensor<3x!text>) -> tensor<3x!text> attributes {xcs_llm.allow = "quality"} {
  %rs = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %p = xcs_llm.prompt_template "Why? {q}" (%q)
    %r = xcs_llm.generate "small" (%p) : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<3x!text>
}

// CHECK-LABEL: func.func @negative_unknown_prices
// CHECK-NOT: xcs_llm.cascade
// REMARK: Function=negative_unknown_prices{{.*}}the prices of 'unheard-of' are not known
func.func @negative_unknown_prices(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<3x!text>) -> tensor<3x!text> attributes {xcs_llm.allow = "quality"} {
  %rs = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "unheard-of" (system %s, user %q) : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<3x!text>
}

// Longer answers take longer: 30 tokens and the rest of a list, 200 ms and 390 ms, and
// a twentieth of 300 ms, instead of 300 ms.
// CHECK-LABEL: func.func @negative_deadline
// CHECK-NOT: xcs_llm.cascade
// REMARK: Function=negative_deadline{{.*}}the deadline does not leave the time for longer answers
func.func @negative_deadline(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<3x!text>) -> tensor<3x!text> attributes {xcs_llm.allow = "quality", xcs_llm.deadline_ms = 600.0 : f64} {
  %rs = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {expected_output_tokens = 10 : i64} : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<3x!text>
}

// CHECK-LABEL: func.func @negative_calls
// CHECK-NOT: xcs_llm.cascade
// REMARK: Function=negative_calls{{.*}}asks for samples of its own
// REMARK: Function=negative_calls{{.*}}its answers end or look as the call says
// REMARK: Function=negative_calls{{.*}}answers are kept, or not to be shared, item by item
// REMARK: Function=negative_calls{{.*}}the call says that it is not to share requests
// REMARK: Function=negative_calls{{.*}}the chain around it has constraints
func.func @negative_calls(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<3x!text>) -> (tensor<3x!text>, tensor<3x!text>, tensor<3x!text>, tensor<3x!text>, tensor<3x!text>) attributes {xcs_llm.allow = "quality"} {
  %r1 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {seed = 1 : i64} : !text
    xcs_llm.yield %r : !text
  }
  %r2 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {stop = ["."]} : !text
    xcs_llm.yield %r : !text
  }
  %r3 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {cacheable} : !text
    xcs_llm.yield %r : !text
  }
  %r4 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) {fusion_compatible = false} : !text
    xcs_llm.yield %r : !text
  }
  %r5 = xcs_llm.chain -> tensor<3x!text> {
    %rs = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
      %r = xcs_llm.generate "small" (system %s, user %q) : !text
      xcs_llm.yield %r : !text
    }
    xcs_llm.yield %rs : tensor<3x!text>
  } {budget_usd = 0.5 : f64}
  return %r1, %r2, %r3, %r4, %r5 : tensor<3x!text>, tensor<3x!text>, tensor<3x!text>, tensor<3x!text>, tensor<3x!text>
}

// Two calls behind each other, a filter, and lists of an unknown length stay batches.
// CHECK-LABEL: func.func @negative_forms
// CHECK-NOT: xcs_llm.cascade
// CHECK: return
func.func @negative_forms(%s: !text {xcs_llm.tokens = 2000 : i64}, %qs: tensor<3x!text>, %ds: tensor<?x!text>) -> (tensor<3x!text>, tensor<?x!text>, tensor<?x!text>) attributes {xcs_llm.allow = "quality"} {
  %r1 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %x = xcs_llm.generate "small" (system %s, user %q) : !text
    %r = xcs_llm.generate "small" (system %s, user %x) : !text
    xcs_llm.yield %r : !text
  }
  %r2 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) : !text
    %good = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %r, %good : !text, i1
  }
  %r3 = xcs_llm.batch (%q in %ds : tensor<?x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "small" (system %s, user %q) : !text
    xcs_llm.yield %r : !text
  }
  return %r1, %r2, %r3 : tensor<3x!text>, tensor<?x!text>, tensor<?x!text>
}
