// RUN: xcs-opt %s --xcs-batch-prompts="max-batch-size=2" | FileCheck %s --check-prefix=MAX
// RUN: xcs-opt %s --xcs-batch-prompts="min-batch-size=4" | FileCheck %s --check-prefix=MIN
// RUN: not xcs-opt %s --xcs-batch-prompts="min-batch-size=1" 2>&1 | FileCheck %s --check-prefix=LOW
// RUN: not xcs-opt %s --xcs-batch-prompts="max-batch-size=-3" 2>&1 | FileCheck %s --check-prefix=NEGATIVE

// One batch of three items, of which two go out together.
// MAX: xcs_llm.batch {{.*}} -> tensor<3x!xcs_llm.text>
// MAX: batch_size = 2
// MIN-NOT: xcs_llm.batch
// LOW: error: {{.*}}must be at least 2{{.*}}(got 1 and 0)
// NEGATIVE: error: {{.*}}must be at least 2{{.*}}(got 2 and -3)
func.func @three(%a: !xcs_llm.text, %b: !xcs_llm.text, %c: !xcs_llm.text) -> (!xcs_llm.text, !xcs_llm.text, !xcs_llm.text) {
  %x = xcs_llm.generate "m" (%a) : !xcs_llm.text
  %y = xcs_llm.generate "m" (%b) : !xcs_llm.text
  %z = xcs_llm.generate "m" (%c) : !xcs_llm.text
  return %x, %y, %z : !xcs_llm.text, !xcs_llm.text, !xcs_llm.text
}
