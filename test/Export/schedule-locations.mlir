// RUN: xcs-translate --xcs-to-schedule %s | FileCheck %s

// A file is named where it is not the source; of a call put in place, where the
// callee had it; of merged operations, the first. What is not known is absent.

// CHECK: "id":"tensor1",{{.*}}"location":{"line":[[#@LINE+7]],"column":8}}
// CHECK: "id":"tensor2",{{.*}}"location":{"line":3,"column":4,"file":"tool.py"}}
// CHECK: "id":"tensor3",{{.*}}"location":{"line":5,"column":6,"file":"tool.py"}}
// CHECK: "id":"tensor4",{{.*}}"location":{"line":7,"column":8,"file":"a.py"}}
// CHECK: "id":"tensor5",{{.*}}"location":{"line":9,"column":1,"file":"b.py"}}
// CHECK: "id":"tensor6",{{.*}}"depends_on":[]}
func.func @locations(%x: f64) {
  %0 = tensor.splat %x : tensor<1xf64>
  %1 = tensor.splat %x : tensor<1xf64> loc("tool.py":3:4)
  %2 = tensor.splat %x : tensor<1xf64> loc("summary"("tool.py":5:6))
  %3 = tensor.splat %x : tensor<1xf64> loc(callsite("a.py":7:8 at "b.py":1:2))
  %4 = tensor.splat %x : tensor<1xf64> loc(fused["b.py":9:1, "c.py":2:2])
  %5 = tensor.splat %x : tensor<1xf64> loc(unknown)
  return
}
