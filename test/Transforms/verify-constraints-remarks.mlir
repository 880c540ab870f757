// RUN: xcs-opt %s --xcs-verify-constraints --remarks-filter=".*" --remark-policy=all -o %t.mlir 2>&1 | FileCheck %s --implicit-check-not="[Analysis]"

// It checks, and changes nothing.
// RUN: xcs-opt %s -o %t.plain.mlir
// RUN: diff %t.plain.mlir %t.mlir

!text = !xcs_llm.text
xcs_llm.model @"two" {max_samples = 2 : i64}

func.func @samples(%q: !text) -> (tensor<5x!text>, tensor<2x!text>, tensor<5x!text>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Analysis] several-requests {{.*}}Category:xcs-verify-constraints {{.*}}Function=samples {{.*}}"5 samples take 3 requests, as model 'two' gives at most 2 at once"
  %a = xcs_llm.generate "two" (%q) {n = 5 : i64} : tensor<5x!text>
  %b = xcs_llm.generate "two" (%q) {n = 2 : i64} : tensor<2x!text>
  %c = xcs_llm.generate "no limit is known" (%q) {n = 5 : i64} : tensor<5x!text>
  return %a, %b, %c : tensor<5x!text>, tensor<2x!text>, tensor<5x!text>
}
