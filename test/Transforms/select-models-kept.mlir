// Who names candidates is told why a call keeps its model, and of names that nobody knows.

// RUN: xcs-opt %s --xcs-select-models='models=gpt-4.1-nano,mine' --remarks-filter='.*' --remark-policy=all 2>&1 >/dev/null | FileCheck %s
// RUN: not xcs-opt %s --xcs-select-models='models=gpt-4.1-nano,gtp-4' 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not xcs-opt %s --xcs-optimize='models=gtp-4' 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: xcs-opt %s --xcs-select-models --remarks-filter='.*' --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNASKED --allow-empty

// UNKNOWN: error: {{.*}}xcs-select-models: models must be 'all', or names that the catalog knows or the program declares (got 'gtp-4')
// UNASKED-NOT: kept

xcs_llm.model @mine {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.1 : f64}

func.func @negative_leave(%text: !xcs_llm.text) -> !xcs_llm.text attributes {xcs_llm.min_quality = 0.1 : f64} {
  // CHECK: kept{{.*}}Function=negative_leave{{.*}}its model is named, and another may stand in only with the leave 'quality'
  %r = xcs_llm.generate "gpt-4.1" (%text) : !xcs_llm.text
  return %r : !xcs_llm.text
}

func.func @negative_bound(%text: !xcs_llm.text) -> (!xcs_llm.text, tensor<8xf32>) attributes {xcs_llm.allow = "quality"} {
  // CHECK: kept{{.*}}Function=negative_bound{{.*}}its model is named, and no 'min_quality' says how good another has to be
  %r = xcs_llm.generate "gpt-4.1" (%text) : !xcs_llm.text
  // CHECK: kept{{.*}}Function=negative_bound{{.*}}its model is named, and embeddings of different models cannot be compared
  %e = xcs_llm.embed "text-embedding-3-small" (%text) : tensor<8xf32>
  return %r, %e : !xcs_llm.text, tensor<8xf32>
}
