// What is put together is said, and why not.
// RUN: xcs-opt %s --xcs-optimize-chains --remarks-filter=".*" --remark-policy=all -o %t.mlir 2>&1 | FileCheck %s

!text = !xcs_llm.text

func.func @done(%x: !text, %c: i1) -> (!text, !text) {
  %a = xcs_llm.text "a"
  %p = xcs_llm.prompt_template "{a} {x}" (%a, %x)
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}merged {{.*}}Class=lossless{{.*}}Remark="put 1 template into the one that uses it"
  %q = xcs_llm.prompt_template "{p}!" (%p)
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}folded {{.*}}Class=lossless{{.*}}Remark="a template is the text that it gives"
  %r = xcs_llm.prompt_template "{x}" (%x)
  %v = xcs_llm.chain -> !text {
    // CHECK-DAG: :[[@LINE+1]]:{{.*}}flattened {{.*}}Class=lossless{{.*}}Remark="took a chain without constraints apart that stood in another one"
    %w = xcs_llm.chain -> !text {
      %g = xcs_llm.generate "m" (%r) : !text
      xcs_llm.yield %g : !text
    }
    xcs_llm.yield %w : !text
  }
  return %q, %v : !text, !text
}

func.func @substituted(%x: !text) -> !text {
  %a = xcs_llm.text "a"
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}substituted {{.*}}Class=lossless{{.*}}Remark="wrote 1 constant into the format"
  %p = xcs_llm.prompt_template "{a} {x}" (%a, %x)
  return %p : !text
}

func.func @refused(%x: !text, %l: tensor<2x!text>) -> (!text, !text, !text, !text) {
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}not-merged {{.*}}"not put into the template that uses it: it is used in several places"
  %a = xcs_llm.prompt_template "a {x}" (%x)
  %p = xcs_llm.prompt_template "{a} {b}" (%a, %a)
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}not-merged {{.*}}: it stands there twice"
  %b = xcs_llm.prompt_template "b {x}" (%x)
  %q = xcs_llm.prompt_template "{b} {b}" (%b)
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}not-merged {{.*}}: the items of their lists are separated otherwise"
  %c = xcs_llm.prompt_template "c {l}" (%l : tensor<2x!text>) {separator = ";"}
  %r = xcs_llm.prompt_template "{c} {l}" (%c, %l : tensor<2x!text>)
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}not-merged {{.*}}: one of them has leave to move its constant parts, which is not the other's"
  %d = xcs_llm.prompt_template "{x}\n\nd" (%x) {reorder}
  %s = xcs_llm.prompt_template "d {d}" (%d)
  return %p, %q, %r, %s : !text, !text, !text, !text
}

func.func @differing(%x: !text) -> (!text, !text) {
  %a = xcs_llm.text "a"
  %b = xcs_llm.text "b"
  // CHECK-DAG: :[[@LINE+1]]:{{.*}}not-substituted {{.*}}"a constant stays an operand, as another template of this format has another value there: so they can be one batch"
  %p = xcs_llm.prompt_template "{c}: {x}" (%a, %x)
  %q = xcs_llm.prompt_template "{c}: {x}" (%b, %x)
  return %p, %q : !text, !text
}
