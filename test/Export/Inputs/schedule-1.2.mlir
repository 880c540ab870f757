// Every form of the schedule that schema 1.2 has, once at least.

!text = !xcs_llm.text

module attributes {xcs_llm.passes = ["xcs-batch-prompts"]} {

xcs_llm.model @"small" {provider = "acme", input_usd_per_mtok = 0.15 : f64, output_usd_per_mtok = 0.6 : f64, context_tokens = 128000 : i64, array_inputs = false, quality = 0.8 : f64}
xcs_llm.model @"unused" {provider = "acme"}

func.func private @nearest(tensor<8xf32>, tensor<2x8xf32>) -> i64 attributes {xcs_llm.task = "vector_search", xcs_llm.pure, xcs_llm.latency_ms = 12.5 : f64}
func.func private @send(!text) -> !text attributes {xcs_llm.task = "mail"}

// Calls, texts and parses.
func.func @calls(%topic: !text {xcs_llm.name = "topic", xcs_llm.tokens = 9 : i64},
                 %notes: tensor<?x!text> {xcs_llm.name = "notes", xcs_llm.tokens = 30 : i64, xcs_llm.count = 4 : i64})
    -> (!text {xcs_llm.name = "title"}, tensor<3x!text>, tensor<2xf64>, i64, tensor<?xf64>)
    attributes {xcs_llm.budget_usd = 0.5 : f64, xcs_llm.deadline_ms = 9000.0 : f64, xcs_llm.min_quality = 0.7 : f64, xcs_llm.allow = "lossless"} {
  %system = xcs_llm.text "You name things. Use \"quotes\", {braces}, tabs\tand ünïcödé."
  %p = xcs_llm.prompt_template "Topic: {topic}\nNotes:\n{notes}\nAgain: {topic} {{as is}}" (%topic, %notes : tensor<?x!text>) {separator = "\n- ", reorder}
  %title = xcs_llm.generate "small" (system %system, user %p) {temperature = 0.0 : f64, top_p = 0.9 : f64, max_tokens = 20 : i64, stop = ["\n", "END"], seed = 7 : i64, cacheable, expected_output_tokens = 6 : i64, hit_rate = 0.25 : f64, quality_task = "titles", service_tier = "flex", estimate = #xcs_llm.estimate<input_tokens = 120, output_tokens = 6, cost_usd = 2.5e-5, latency_ms = 400.0, memory_mb = 2.0>} : !text
  %drafts = xcs_llm.generate "large" (%p) {n = 3 : i64, response_schema = "{\"type\": \"string\"}", batch_compatible = false, fusion_compatible = false, min_quality = 0.9 : f64, xcs_llm.sample_ids = array<i64: 3, 1, 2>} : tensor<3x!text>
  %mood = xcs_llm.score "small" (%title) {labels = ["dry", "funny"], no_reuse, temperature = 0.0 : f64} : tensor<2xf64>
  %choice = xcs_llm.parse_response %title as choice {choices = ["Red", "Green"], otherwise = 1 : i64} : i64
  %numbers = xcs_llm.parse_response %title as json "/numbers" {expected_output_tokens = 4 : i64} : tensor<?xf64>
  return %title, %drafts, %mood, %choice, %numbers : !text, tensor<3x!text>, tensor<2xf64>, i64, tensor<?xf64>
}

// Every kind of control, nested.
func.func @control(%q: !text, %items: tensor<2x!text>) -> (!text, tensor<?xf64>, tensor<2x!text>, f64) {
  %half = arith.constant 0.5 : f64
  %answer = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "small" (%q) {temperature = 0.5 : f64} : !text
    %s = xcs_llm.score "small" (%r) : f64
    %ok = arith.cmpf ogt, %s, %half : f64
    xcs_llm.yield %r, %ok : !text, i1
  }, {
    %voted = xcs_llm.ensemble majority quorum 2 -> !text {
      %r = xcs_llm.generate "large" (%q) : !text
      xcs_llm.yield %r : !text
    }, {
      %r = xcs_llm.generate "large" (%q) {n = 2 : i64} : tensor<2x!text>
      xcs_llm.yield %r : tensor<2x!text>
    }, {
      %r = xcs_llm.generate "small" (%q) : !text
      xcs_llm.yield %r : !text
    } {waves = array<i64: 2, 1>, confidence = 0.95 : f64, agreement = 0.6 : f64}
    xcs_llm.yield %voted : !text
  } {attempts = array<i64: 3, 1>, accept_rate = array<f64: 0.75, 1.0>}
  %scores = xcs_llm.batch (%item in %items : tensor<2x!text>) -> tensor<?xf64> {
    %s = xcs_llm.score "small" (%item) {temperature = 0.0 : f64} : f64
    %keep = arith.cmpf oge, %s, %half : f64
    xcs_llm.yield %s, %keep : f64, i1
  } {batch_size = 2 : i64}
  %long = xcs_llm.parse_response %answer as boolean {otherwise = false} : i1
  %all = xcs_llm.conditional %long -> tensor<2x!text> {
    %both = xcs_llm.ensemble all -> tensor<2x!text> {
      %r = xcs_llm.generate "small" (%answer) : !text
      xcs_llm.yield %r : !text
    }, {
      xcs_llm.yield %q : !text
    }
    xcs_llm.yield %both : tensor<2x!text>
  } else {
    xcs_llm.yield %items : tensor<2x!text>
  } {probability = 0.25 : f64}
  %best, %value = xcs_llm.chain -> (!text, f64) {
    %chosen = xcs_llm.ensemble best -> !text {
      %r = xcs_llm.generate "small" (%q) : !text
      %s = xcs_llm.score "small" (%r) : f64
      xcs_llm.yield %r, %s : !text, f64
    }, {
      xcs_llm.yield %q, %half : !text, f64
    }
    %first = xcs_llm.ensemble first -> f64 {
      %s = xcs_llm.score "small" (%chosen) : f64
      xcs_llm.yield %s : f64
    }, {
      xcs_llm.yield %half : f64
    }
    xcs_llm.yield %chosen, %first : !text, f64
  } {deadline_ms = 4000.0 : f64, budget_usd = 0.01 : f64}
  return %answer, %scores, %all, %value : !text, tensor<?xf64>, tensor<2x!text>, f64
}

// Numbers, lists, tools and the cache.
func.func @data(%a: !text, %b: !text) -> (i64, tensor<4x!text>, tensor<8xf32>, !text, index) {
  %ea = xcs_llm.embed "embedder" (%a) : tensor<8xf32>
  %eb = xcs_llm.embed "embedder" (%b) : tensor<8xf32>
  %pair = tensor.from_elements %a, %b : tensor<2x!text>
  %stack = xcs_llm.batch (%t in %pair : tensor<2x!text>) -> tensor<2x8xf32> {
    %e = xcs_llm.embed "embedder" (%t) : tensor<8xf32>
    xcs_llm.yield %e : tensor<8xf32>
  }
  %row = tensor.extract_slice %stack[1, 0] [1, 8] [1, 1] : tensor<2x8xf32> to tensor<8xf32>
  %near = func.call @nearest(%ea, %stack) : (tensor<8xf32>, tensor<2x8xf32>) -> i64
  %colours = arith.constant dense<["red", "green"]> : tensor<2x!text>
  %weights = arith.constant dense<0.25> : tensor<8xf32>
  %weighted = arith.mulf %eb, %weights : tensor<8xf32>
  %four = tensor.concat dim(0) %pair, %colours : (tensor<2x!text>, tensor<2x!text>) -> tensor<4x!text>
  %many = tensor.cast %four : tensor<4x!text> to tensor<?x!text>
  %zero = arith.constant 0 : index
  %size = tensor.dim %many, %zero : tensor<?x!text>
  %at = arith.index_cast %near : i64 to index
  %text = tensor.extract %many[%at] : tensor<?x!text>
  %kept = xcs_llm.cascade -> !text {
    %hit = xcs_llm.cache_lookup "mail/1" (%text) {scope = "tenant", ttl_s = 60.0 : f64} : !text
    xcs_llm.yield %hit : !text
  }, {
    %sent = func.call @send(%text) : (!text) -> !text
    %stored = xcs_llm.cache_store "mail/1" (%text), %sent : !text
    xcs_llm.yield %stored : !text
  }
  %again = func.call @send(%kept) : (!text) -> !text
  return %near, %four, %weighted, %again, %size : i64, tensor<4x!text>, tensor<8xf32>, !text, index
}

// What is decided early, and cancelled then.
func.func @cancellation(%q: !text) -> (i1, !text) {
  %first = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "large" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "small" (%q) : !text
    xcs_llm.yield %r : !text
  } {xcs_llm.cancel}
  %polite = xcs_llm.generate "small" (%q) {max_tokens = 1 : i64} : !text
  %is_polite = xcs_llm.parse_response %polite as boolean : i1
  %true = xcs_llm.generate "large" (%q) {max_tokens = 1 : i64} : !text
  %is_true = xcs_llm.parse_response %true as boolean : i1
  %both = arith.andi %is_polite, %is_true {xcs_llm.cancel} : i1
  %short = xcs_llm.generate "small" (%first) {max_tokens = 1 : i64} : !text
  %is_short = xcs_llm.parse_response %short as boolean : i1
  %any = arith.ori %is_short, %both {xcs_llm.cancel} : i1
  return %any, %first : i1, !text
}

}
