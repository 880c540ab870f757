// RUN: xcs-translate --xcs-to-schedule %s -o %t.json && %schedule-check %xcsllm_source/docs/schedule.schema.json %t.json
// RUN: grep -c '"kind":"arith"' %t.json | FileCheck %s --check-prefix=COUNT
// RUN: FileCheck %s < %t.json

// Every operation on numbers that has a form, under the name of the operation.

func.func @arith(%i: i64, %j: i64, %x: f64, %y: f64, %c: i1, %s: f32, %n: i32, %at: index) {
  // CHECK: "arith":{"op":"addi"}
  %0 = arith.addi %i, %j : i64
  // CHECK: "arith":{"op":"subi"}
  %1 = arith.subi %i, %j : i64
  // CHECK: "arith":{"op":"muli"}
  %2 = arith.muli %i, %j : i64
  // CHECK: "arith":{"op":"divsi"}
  %3 = arith.divsi %i, %j : i64
  // CHECK: "arith":{"op":"divui"}
  %4 = arith.divui %i, %j : i64
  // CHECK: "arith":{"op":"ceildivsi"}
  %5 = arith.ceildivsi %i, %j : i64
  // CHECK: "arith":{"op":"ceildivui"}
  %6 = arith.ceildivui %i, %j : i64
  // CHECK: "arith":{"op":"floordivsi"}
  %7 = arith.floordivsi %i, %j : i64
  // CHECK: "arith":{"op":"remsi"}
  %8 = arith.remsi %i, %j : i64
  // CHECK: "arith":{"op":"remui"}
  %9 = arith.remui %i, %j : i64
  // CHECK: "arith":{"op":"andi"}
  %10 = arith.andi %i, %j : i64
  // CHECK: "arith":{"op":"ori"}
  %11 = arith.ori %i, %j : i64
  // CHECK: "arith":{"op":"xori"}
  %12 = arith.xori %i, %j : i64
  // CHECK: "arith":{"op":"shli"}
  %13 = arith.shli %i, %j : i64
  // CHECK: "arith":{"op":"shrsi"}
  %14 = arith.shrsi %i, %j : i64
  // CHECK: "arith":{"op":"shrui"}
  %15 = arith.shrui %i, %j : i64
  // CHECK: "arith":{"op":"maxsi"}
  %16 = arith.maxsi %i, %j : i64
  // CHECK: "arith":{"op":"maxui"}
  %17 = arith.maxui %i, %j : i64
  // CHECK: "arith":{"op":"minsi"}
  %18 = arith.minsi %i, %j : i64
  // CHECK: "arith":{"op":"minui"}
  %19 = arith.minui %i, %j : i64
  // CHECK: "arith":{"op":"addf"}
  %20 = arith.addf %x, %y : f64
  // CHECK: "arith":{"op":"subf"}
  %21 = arith.subf %x, %y : f64
  // CHECK: "arith":{"op":"mulf"}
  %22 = arith.mulf %x, %y : f64
  // CHECK: "arith":{"op":"divf"}
  %23 = arith.divf %x, %y : f64
  // CHECK: "arith":{"op":"remf"}
  %24 = arith.remf %x, %y : f64
  // CHECK: "arith":{"op":"maximumf"}
  %25 = arith.maximumf %x, %y : f64
  // CHECK: "arith":{"op":"minimumf"}
  %26 = arith.minimumf %x, %y : f64
  // CHECK: "arith":{"op":"maxnumf"}
  %27 = arith.maxnumf %x, %y : f64
  // CHECK: "arith":{"op":"minnumf"}
  %28 = arith.minnumf %x, %y : f64
  // CHECK: "arith":{"op":"negf"}
  %29 = arith.negf %x : f64
  // CHECK: "arith":{"op":"cmpi","predicate":"eq"}
  %30 = arith.cmpi eq, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"ne"}
  %31 = arith.cmpi ne, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"slt"}
  %32 = arith.cmpi slt, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"sle"}
  %33 = arith.cmpi sle, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"sgt"}
  %34 = arith.cmpi sgt, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"sge"}
  %35 = arith.cmpi sge, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"ult"}
  %36 = arith.cmpi ult, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"ule"}
  %37 = arith.cmpi ule, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"ugt"}
  %38 = arith.cmpi ugt, %i, %j : i64
  // CHECK: "arith":{"op":"cmpi","predicate":"uge"}
  %39 = arith.cmpi uge, %i, %j : i64
  // CHECK: "arith":{"op":"cmpf","predicate":"false"}
  %40 = arith.cmpf false, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"oeq"}
  %41 = arith.cmpf oeq, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ogt"}
  %42 = arith.cmpf ogt, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"oge"}
  %43 = arith.cmpf oge, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"olt"}
  %44 = arith.cmpf olt, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ole"}
  %45 = arith.cmpf ole, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"one"}
  %46 = arith.cmpf one, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ord"}
  %47 = arith.cmpf ord, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ueq"}
  %48 = arith.cmpf ueq, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ugt"}
  %49 = arith.cmpf ugt, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"uge"}
  %50 = arith.cmpf uge, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ult"}
  %51 = arith.cmpf ult, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"ule"}
  %52 = arith.cmpf ule, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"une"}
  %53 = arith.cmpf une, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"uno"}
  %54 = arith.cmpf uno, %x, %y : f64
  // CHECK: "arith":{"op":"cmpf","predicate":"true"}
  %55 = arith.cmpf true, %x, %y : f64
  // CHECK: "arith":{"op":"select"}
  %56 = arith.select %c, %i, %j : i64
  // CHECK: "arith":{"op":"extsi"}
  %57 = arith.extsi %n : i32 to i64
  // CHECK: "arith":{"op":"extui"}
  %58 = arith.extui %c : i1 to i64
  // CHECK: "arith":{"op":"trunci"}
  %59 = arith.trunci %i : i64 to i1
  // CHECK: "arith":{"op":"extf"}
  %60 = arith.extf %s : f32 to f64
  // CHECK: "arith":{"op":"truncf"}
  %61 = arith.truncf %x : f64 to f32
  // CHECK: "arith":{"op":"sitofp"}
  %62 = arith.sitofp %i : i64 to f64
  // CHECK: "arith":{"op":"uitofp"}
  %63 = arith.uitofp %c : i1 to f64
  // CHECK: "arith":{"op":"fptosi"}
  %64 = arith.fptosi %x : f64 to i64
  // CHECK: "arith":{"op":"fptoui"}
  %65 = arith.fptoui %x : f64 to i64
  // CHECK: "arith":{"op":"index_cast"}
  %66 = arith.index_cast %i : i64 to index
  // CHECK: "arith":{"op":"index_castui"}
  %67 = arith.index_castui %at : index to i64
  return
}

// What upstream's folds make of what fails still fails; what nobody uses has no task.
// CHECK: "name": "not_finite"
func.func @not_finite() -> (f64, tensor<2xf32>, tensor<3xf64>) {
  %unused = arith.constant 0xFFF0000000000000 : f64
  // CHECK: {"id":"arith1","kind":"arith","scope":"plan1",
  // CHECK-SAME: "inputs":[{"literal":0.0,"type":"f64"},{"literal":0.0,"type":"f64"}],{{.*}}"arith":{"op":"divf"}
  %nan = arith.constant 0x7FF8000000000000 : f64
  // CHECK: {"id":"arith2"
  // CHECK-SAME: "inputs":[{"list":0},{"list":1}],{{.*}}"arith":{"op":"divf"}
  %one = arith.constant dense<[2.5, 0x7F800000]> : tensor<2xf32>
  // CHECK: {"id":"arith3"
  // CHECK-SAME: "inputs":[{"list":2},{"list":2}],{{.*}}"arith":{"op":"divf"}
  %all = arith.constant dense<0x7FF8000000000000> : tensor<3xf64>
  return %nan, %one, %all : f64, tensor<2xf32>, tensor<3xf64>
}

// COUNT: {{^}}71{{$}}
