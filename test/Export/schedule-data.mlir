// RUN: xcs-translate --xcs-to-schedule %s | FileCheck %s
// RUN: xcs-translate --xcs-to-schedule %s -o %t.json && %schedule-check %xcsllm_source/docs/schedule.schema.json %t.json

!text = !xcs_llm.text

// Lists of constants are in a table; a list of one value says so.
// CHECK: "lists": [
// CHECK-NEXT: {"type":{"item":"text","shape":[2]},"items":["a\"\\\u0001","ü\n"]},
// CHECK-NEXT: {"type":{"item":"i1","shape":[2]},"items":[true,false]},
// CHECK-NEXT: {"type":{"item":"f32","shape":[1000000]},"splat":0.0},
// CHECK-NEXT: {"type":{"item":"f64","shape":[0]},"items":[]},
// CHECK-NEXT: {"type":{"item":"i64","shape":[2,2]},"items":[1,2,3,-4]}
// CHECK-NEXT: ],

// CHECK-LABEL: "name": "constants"
// CHECK: "yields":[{"list":0},{"list":0},{"list":1},{"list":2},{"list":3},{"list":4},{"literal":true,"type":"i1"},{"literal":-9223372036854775808,"type":"i64"},{"literal":1e-07,"type":"f64"},{"literal":-1,"type":"i8"},{"literal":9007199254740993,"type":"index"}]
func.func @constants() -> (tensor<2x!text>, tensor<2x!text>, tensor<2xi1>, tensor<1000000xf32>, tensor<0xf64>, tensor<2x2xi64>, i1, i64, f64, i8, index) {
  %0 = arith.constant dense<["a\22\\\01", "\C3\BC\n"]> : tensor<2x!text>
  %1 = arith.constant dense<["a\22\\\01", "\C3\BC\n"]> : tensor<2x!text>
  %2 = arith.constant dense<[true, false]> : tensor<2xi1>
  %3 = arith.constant dense<0.0> : tensor<1000000xf32>
  %4 = arith.constant dense<[]> : tensor<0xf64>
  %5 = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi64>
  %6 = arith.constant true
  %7 = arith.constant -9223372036854775808 : i64
  %8 = arith.constant 1.0e-7 : f64
  %9 = arith.constant 255 : i8
  %10 = arith.constant 9007199254740993 : index
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10 : tensor<2x!text>, tensor<2x!text>, tensor<2xi1>, tensor<1000000xf32>, tensor<0xf64>, tensor<2x2xi64>, i1, i64, f64, i8, index
}

// CHECK-LABEL: "name": "arith"
// CHECK: "inputs":[{"scope":"plan1","argument":0},{"literal":2,"type":"i64"}],"arith":{"op":"addi"},"outputs":["i64"]
// CHECK: "arith":{"op":"cmpi","predicate":"slt"},"outputs":["i1"]
// CHECK: "arith":{"op":"cmpf","predicate":"une"},"outputs":["i1"]
// CHECK: "arith":{"op":"select"},"outputs":["text"]
// CHECK: "arith":{"op":"sitofp"},"outputs":["f64"]
// CHECK: "arith":{"op":"truncf"},"outputs":["f32"]
// CHECK: "arith":{"op":"extui"},"outputs":["i64"]
// CHECK: "arith":{"op":"addf"},"outputs":[{"item":"f64","shape":[3]}]
func.func @arith(%i: i64, %x: f64, %c: i1, %t: !text, %xs: tensor<3xf64>) {
  %two = arith.constant 2 : i64
  %0 = arith.addi %i, %two : i64
  %1 = arith.cmpi slt, %i, %0 : i64
  %2 = arith.cmpf une, %x, %x fastmath<nnan> : f64
  %3 = arith.select %2, %t, %t : !text
  %4 = arith.sitofp %i : i64 to f64
  %5 = arith.truncf %4 : f64 to f32
  %6 = arith.extui %c : i1 to i64
  %7 = arith.addf %xs, %xs : tensor<3xf64>
  return
}

// CHECK-LABEL: "name": "tensors"
// CHECK: "tensor":{"op":"from_elements"},"outputs":[{"item":"text","shape":[0]}]
// CHECK: "inputs":[{"scope":"plan1","argument":0},{"scope":"plan1","argument":1}],"tensor":{"op":"extract"},"outputs":["text"]
// CHECK: "inputs":[{"task":"tensor2","output":0},{"scope":"plan1","argument":0},{"scope":"plan1","argument":1}],"tensor":{"op":"insert"}
// CHECK: "tensor":{"op":"splat"}
// CHECK: "tensor":{"op":"collapse_shape"},"outputs":[{"item":"text","shape":[6]}]
// CHECK: "tensor":{"op":"concat","dim":0}
// CHECK: "tensor":{"op":"extract_slice","offsets":[1,0],"sizes":[1,3],"strides":[1,1]},"outputs":[{"item":"text","shape":[3]}]
func.func @tensors(%list: tensor<?x!text>, %i: index, %x: f64, %grid: tensor<2x3x!text>) {
  %0 = tensor.from_elements : tensor<0x!text>
  %1 = tensor.extract %list[%i] : tensor<?x!text>
  %2 = tensor.insert %1 into %list[%i] : tensor<?x!text>
  %3 = tensor.splat %x : tensor<4xf64>
  %4 = tensor.collapse_shape %grid [[0, 1]] : tensor<2x3x!text> into tensor<6x!text>
  %5 = tensor.concat dim(0) %4, %0 : (tensor<6x!text>, tensor<0x!text>) -> tensor<6x!text>
  %6 = tensor.extract_slice %grid[1, 0] [1, 3] [1, 1] : tensor<2x3x!text> to tensor<3x!text>
  return
}

// CHECK-LABEL: "name": "parses"
// CHECK: "parse":{"format":"text"},"outputs":["text"]
// CHECK: "parse":{"format":"number"},"outputs":["f64"]
// CHECK: "parse":{"format":"boolean","otherwise":true}
// CHECK: "parse":{"format":"json","pointer":"","otherwise":["a","b"]},"outputs":[{"item":"text","shape":[2]}]
// CHECK: "parse":{"format":"regex","pattern":"^(\\d+)$","otherwise":0}
func.func @parses(%r: !text) {
  %0 = xcs_llm.parse_response %r as text : !text
  %1 = xcs_llm.parse_response %r as number : f64
  %2 = xcs_llm.parse_response %r as boolean {otherwise = true} : i1
  %3 = xcs_llm.parse_response %r as json "" {otherwise = ["a", "b"]} : tensor<2x!text>
  %4 = xcs_llm.parse_response %r as regex "^(\\d+)$" {otherwise = 0 : i64} : i64
  return
}

// CHECK-LABEL: "name": "cache"
// CHECK: "id":"lookup1","kind":"cache_lookup",{{.*}}"inputs":[{"scope":"plan1","argument":0}],"cache":{"fingerprint":"f","ttl_s":2.5}
// CHECK: "id":"store1","kind":"cache_store",{{.*}}"inputs":[{"task":"lookup1","output":0},{"scope":"plan1","argument":0}],"cache":{"fingerprint":"f","namespace":"us"}
func.func @cache(%q: !text) {
  %0 = xcs_llm.cache_lookup "f" (%q) {ttl_s = 2.5 : f64} : !text
  %1 = xcs_llm.cache_store "f" (%q), %0 {scope = "us"} : !text
  return
}

// Names that a file system or a shell would not take.
// CHECK: "name": "odd \"name\"/\n"
// CHECK: "key":"{{[0-9a-f]+}}/odd \"name\"/\n/generate1"
func.func @"odd \22name\22/\0A"(%q: !text {xcs_llm.name = "\22\C3\BC\22"}) {
  %0 = xcs_llm.generate "m\22" (%q) : !text
  return
}
