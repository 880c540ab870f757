//===- CachingTest.cpp - Tests of which answers are worth keeping ---------===//

#include "XcsLLM/Analysis/Caching.h"
#include "Programs.h"

using namespace mlir;
using namespace xcs;
using namespace xcs::test;

//===----------------------------------------------------------------------===//
// Fingerprints
//===----------------------------------------------------------------------===//

/// The canonical text of a call that is written like this after `%r =`.
static std::string render(StringRef call) {
  Program program(("func.func @f(%p: !text, %s: !text) {\n  %r = " + call + "\n  return\n}").str());
  LLMCallOpInterface found;
  program.module->walk([&](LLMCallOpInterface op) { found = op; });
  return getCanonicalRequest(found);
}

TEST(Caching, WhatAsksForTheSameHasOneFingerprint) {
  std::string plain = render("xcs_llm.generate \"m\" (%p) {max_tokens = 9 : i64, seed = 1 : i64} : !text");
  for (StringRef same :
       {"xcs_llm.generate \"m\" (%s) {seed = 1 : i64, max_tokens = 9 : i64} : !text",
        "xcs_llm.generate \"m\" (user %p) {max_tokens = 9 : i64, seed = 1 : i64} : !text",
        "xcs_llm.generate \"m\" (%p) {max_tokens = 9 : i64, seed = 1 : i64, cacheable, "
        "hit_rate = 0.5 : f64, expected_output_tokens = 3 : i64, min_quality = 0.5 : f64, "
        "quality_task = \"q\", service_tier = \"batch\", batch_compatible = false, "
        "fusion_compatible = false, acme.note, xcs_llm.sample_ids = array<i64: 3>, "
        "estimate = #xcs_llm.estimate<input_tokens = 1>} : !text"})
    EXPECT_EQ(plain, render(same));
}

TEST(Caching, WhatAsksForSomethingElseHasAnother) {
  std::set<std::string> seen;
  StringRef calls[] = {
      "xcs_llm.generate \"m\" (%p) : !text",
      "xcs_llm.generate \"n\" (%p) : !text",
      "xcs_llm.generate \"m\" (system %p) : !text",
      "xcs_llm.generate \"m\" (%p, %p) : !text",
      "xcs_llm.generate \"m\" (%p) {n = 1 : i64} : tensor<1x!text>",
      "xcs_llm.generate \"m\" (%p) {n = 2 : i64} : tensor<2x!text>",
      "xcs_llm.generate \"m\" (%p) {temperature = 0.0 : f64} : !text",
      "xcs_llm.generate \"m\" (%p) {temperature = 0.1 : f64} : !text",
      "xcs_llm.generate \"m\" (%p) {temperature = 0.10000000000000002 : f64} : !text",
      "xcs_llm.generate \"m\" (%p) {top_p = 0.1 : f64} : !text",
      "xcs_llm.generate \"m\" (%p) {seed = 1 : i64} : !text",
      "xcs_llm.generate \"m\" (%p) {seed = -1 : i64} : !text",
      "xcs_llm.generate \"m\" (%p) {max_tokens = 1 : i64} : !text",
      "xcs_llm.generate \"m\" (%p) {response_schema = \"{}\"} : !text",
      "xcs_llm.generate \"m\" (%p) {stop = [\"a\", \"b\"]} : !text",
      "xcs_llm.generate \"m\" (%p) {stop = [\"a 1:b\"]} : !text",
      "xcs_llm.generate \"m\" (%p) {stop = [\"ab\"]} : !text",
      "xcs_llm.score \"m\" (%p) : f64",
      "xcs_llm.score \"m\" (%p) {labels = [\"a\", \"b\"]} : tensor<2xf64>",
      "xcs_llm.score \"m\" (%p) {labels = [\"a\", \"c\"]} : tensor<2xf64>",
      "xcs_llm.embed \"m\" (%p) : tensor<2xf32>",
      "xcs_llm.embed \"m\" (%p) : tensor<3xf32>"};
  for (StringRef call : calls)
    EXPECT_TRUE(seen.insert(render(call)).second) << call.str();
}

// Entries outlive programs, so what they are known by must never change.
TEST(Caching, FingerprintsStayAsTheyAre) {
  StringRef call = "xcs_llm.generate \"m\" (system %s, user %p) {temperature = 0.5 : f64, "
                   "max_tokens = 9 : i64, stop = [\"a\", \"bc\"]} : !text";
  EXPECT_EQ(render(call), "8:generate\n"
                          "10:max_tokens i9\n"
                          "5:model 1:m\n"
                          "5:roles [2 6:system 4:user]\n"
                          "4:stop [2 1:a 2:bc]\n"
                          "11:temperature f3FE0000000000000\n"
                          "13:!xcs_llm.text\n");
  Program program("func.func @f(%p: !text) {\n  %r = xcs_llm.embed \"m\" (%p) : tensor<2xf32>\n  return\n}");
  EXPECT_EQ(getCanonicalRequest(program.find<EmbedOp>()), "5:embed\n5:model 1:m\n13:tensor<2xf32>\n");
  EXPECT_EQ(getFingerprint(program.find<EmbedOp>()),
            "embed/m/fe2e1dfbb9c5d608cdccabb25520a8a4076762453b5da57ca06e8a45ab5814a9");
}

TEST(Caching, SamplesAreNumberedAroundNamesThatAreTaken) {
  Program program("func.func @f(%p: !text) {\n"
                  "  %r = xcs_llm.cache_lookup \"a/1\" (%p) : !text\n"
                  "  %s = xcs_llm.cache_store \"b/0\" (%p), %p : !text\n  return\n}");
  SampleNumbers numbers(program.getFunction());
  EXPECT_EQ(numbers.getNext("a"), "a/0");
  EXPECT_EQ(numbers.getNext("a"), "a/2");
  EXPECT_EQ(numbers.getNext("b"), "b/1");
  EXPECT_EQ(numbers.getNext("a"), "a/3");
}

//===----------------------------------------------------------------------===//
// Where one entry stands for one sample
//===----------------------------------------------------------------------===//

TEST(Caching, SeesWhatMayRunAgain) {
  auto around = [](StringRef begin, StringRef end) {
    Program program(("func.func @f(%p: !text, %ps: tensor<2x!text>, %c: i1, %i: index) {\n" + begin +
                     "\n  %r = xcs_llm.generate \"m\" (%p) : !text\n" + end + "\n  return\n}")
                        .str());
    return findRepetition(program.find<GenerateOp>()).str();
  };
  EXPECT_EQ(around("", ""), "");
  EXPECT_EQ(around("%x = xcs_llm.chain -> !text {", "xcs_llm.yield %r : !text }"), "");
  EXPECT_EQ(around("%x = xcs_llm.cascade -> !text {",
                   "xcs_llm.yield %r : !text } {attempts = array<i64: 1>}"),
            "");
  EXPECT_NE(around("%x = xcs_llm.cascade -> !text {",
                   "xcs_llm.yield %r : !text } {attempts = array<i64: 2>}"),
            "");
  EXPECT_NE(around("%x = xcs_llm.batch (%q in %ps : tensor<2x!text>) -> tensor<2x!text> {\n"
                   "%y = xcs_llm.chain -> !text {",
                   "xcs_llm.yield %r : !text }\nxcs_llm.yield %y : !text }"),
            "");
  EXPECT_NE(around("scf.if %c {", "}"), "");
  EXPECT_NE(around("cf.br ^a\n^a:\ncf.cond_br %c, ^a, ^b\n^b:", ""), "");
}

TEST(Caching, KnowsWhoIsCalledAndUnderWhichConstraints) {
  Program program("func.func @once(%p: i1) { return }\n"
                  "func.func @under(%p: i1) { func.call @once(%p) : (i1) -> ()\n return }\n"
                  "func.func @free(%p: i1) { return }\n"
                  "func.func @named() { return }\n"
                  "func.func @top(%p: i1) attributes {xcs_llm.deadline_ms = 9.0 : f64} {\n"
                  "  func.call @under(%p) : (i1) -> ()\n return }\n"
                  "func.func @other(%p: i1) { func.call @free(%p) : (i1) -> ()\n"
                  "  %n = func.constant @named : () -> ()\n return }");
  CalledFunctions called(*program.module);
  for (StringRef name : {"once", "under", "free", "named"})
    EXPECT_TRUE(called.contains(program.getFunction(name))) << name.str();
  EXPECT_FALSE(called.contains(program.getFunction("top")));
  for (StringRef name : {"once", "under"})
    EXPECT_TRUE(called.isConstrained(program.getFunction(name))) << name.str();
  for (StringRef name : {"free", "named", "top", "other"})
    EXPECT_FALSE(called.isConstrained(program.getFunction(name))) << name.str();
}

TEST(Caching, LooksTakeTheRoomThatConstraintsLeave) {
  // Two calls of 10 ms, at worst three and one times; of 30 + 10 + 8 ms, 8 are left.
  Program program("xcs_llm.model @\"m\" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64,"
                  " ttft_ms = 10.0 : f64, output_tokens_per_s = 1.0e9 : f64}\n"
                  "func.func @f(%p: !text) -> !text attributes {xcs_llm.deadline_ms = 48.0 : f64} {\n"
                  "  %1 = xcs_llm.cascade -> !text {\n"
                  "    %r = xcs_llm.generate \"m\" (%p) {max_tokens = 1 : i64} : !text\n"
                  "    xcs_llm.yield %r : !text\n  } {attempts = array<i64: 3>}\n"
                  "  %2 = xcs_llm.generate \"m\" (%1) {max_tokens = 1 : i64} : !text\n"
                  "  return %2 : !text\n}");
  const ProgramCost &cost = program.getCost();
  ASSERT_EQ(cost.calls.size(), 2u);
  LookupRoom room(cost, {{0}, {2}, 0});
  EXPECT_EQ(room.take(cost.calls[0]), "");            // 6 of 8
  EXPECT_EQ(room.take(cost.calls[0]), "deadline_ms"); // 12 of 8
}

//===----------------------------------------------------------------------===//
// Whether it pays
//===----------------------------------------------------------------------===//

TEST(Caching, CachedCallsTakeALookAndTheirMisses) {
  Effort after = getCachedEffort({{10}, {100}, 4}, 0.25, {{1}, {2}, 0});
  EXPECT_DOUBLE_EQ(after.costUsd.known, 8.5);
  EXPECT_DOUBLE_EQ(after.latencyMs.known, 77);
  EXPECT_DOUBLE_EQ(after.requests, 3);
}

TEST(Caching, GainsIfTheShareThatIsSavedIsMoreThanTheLook) {
  auto gain = [](Amount usd, Amount ms, double rate, double lookUsd, double lookMs,
                 Objective objective) {
    return getCachingGain({usd, ms, 1}, rate, {{lookUsd}, {lookMs}, 0}, objective);
  };
  Amount unknown{0, false};
  EXPECT_EQ(gain({10}, {1}, 0.2, 1, 5, Objective::Cost), CachingGain::Yes);
  EXPECT_EQ(gain({10}, {1}, 0.05, 1, 0, Objective::Cost), CachingGain::No);
  EXPECT_EQ(gain({10}, {1}, 0.2, 1, 5, Objective::Latency), CachingGain::No);
  EXPECT_EQ(gain({1}, {100}, 0.2, 1, 5, Objective::Latency), CachingGain::Yes);
  EXPECT_EQ(gain({10}, {100}, 0.2, 1, 5, Objective::Balanced), CachingGain::Yes);
  EXPECT_EQ(gain({10}, {1}, 0.2, 1, 5, Objective::Balanced), CachingGain::No);
  // What is known is enough, or what is not may decide.
  EXPECT_EQ(gain({10, false}, unknown, 0.2, 1, 5, Objective::Cost), CachingGain::Yes);
  EXPECT_EQ(gain({1, false}, {100}, 0.2, 1, 5, Objective::Cost), CachingGain::Unknown);
  EXPECT_EQ(gain({10}, unknown, 0.2, 1, 5, Objective::Latency), CachingGain::Unknown);
  EXPECT_EQ(gain({10}, unknown, 0.2, 1, 5, Objective::Balanced), CachingGain::Unknown);
  // A look that takes nothing can only save.
  EXPECT_EQ(gain(unknown, unknown, 0.2, 0, 0, Objective::Balanced), CachingGain::Yes);
  EXPECT_EQ(gain({10}, {10}, 0, 0, 0, Objective::Cost), CachingGain::No);
}
