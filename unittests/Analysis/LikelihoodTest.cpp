//===- LikelihoodTest.cpp - How often regions run -------------------------===//

#include "Programs.h"

using namespace mlir;
using namespace xcs;
using namespace xcs::test;

namespace {

constexpr StringLiteral models = R"(
xcs_llm.model @fails {failure_rate = 0.2 : f64}
xcs_llm.model @works {}
)";
constexpr StringLiteral arguments = "%p: !text, %ok: i1";

class LikelihoodTest : public testing::Test {
protected:
  /// A function that returns a text, `%r` of `body`.
  void parse(StringRef body) {
    program.emplace((models + "func.func @f(" + arguments + ") -> !text {\n" + body +
                     "\n return %r : !text\n}").str());
    table.emplace(*program->module, program->catalog);
    likelihood.emplace(*table);
  }
  SmallVector<StageRuns> getStages() { return likelihood->getStages(program->find<CascadeOp>()); }

  static std::string call(StringRef name, StringRef model) {
    return ("%" + name + " = xcs_llm.generate \"" + model + "\" (%p) : !text\n").str();
  }

  std::optional<Program> program;
  std::optional<ModelTable> table;
  std::optional<Likelihood> likelihood;
};

std::string conditional(StringRef condition, StringRef hint) {
  return ("%r = xcs_llm.conditional " + condition + " -> !text {\n xcs_llm.yield %p : !text\n} "
          "else {\n xcs_llm.yield %p : !text\n} " + hint).str();
}

TEST_F(LikelihoodTest, BranchesByHintByConstantElseHalf) {
  parse(conditional("%ok", "{probability = 0.1 : f64}"));
  EXPECT_EQ(likelihood->getProbability(program->find<ConditionalOp>()), 0.1);
  EXPECT_FALSE(Likelihood::isAssumed(program->find<ConditionalOp>()));
  parse(conditional("%ok", ""));
  EXPECT_EQ(likelihood->getProbability(program->find<ConditionalOp>()), 0.5);
  EXPECT_TRUE(Likelihood::isAssumed(program->find<ConditionalOp>()));
  parse("%c = arith.constant false\n" + conditional("%c", ""));
  EXPECT_EQ(likelihood->getProbability(program->find<ConditionalOp>()), 0);
  EXPECT_FALSE(Likelihood::isAssumed(program->find<ConditionalOp>()));
}

std::string cascade(StringRef first, StringRef second, StringRef attributes) {
  return ("%r = xcs_llm.cascade -> !text {\n" + first + "\n}, {\n" + second + "\n} " + attributes)
      .str();
}
constexpr StringLiteral yieldP = "xcs_llm.yield %p : !text";
constexpr StringLiteral yieldFlag = "xcs_llm.yield %p, %ok : !text, i1";

TEST_F(LikelihoodTest, AStageThatCannotFailIsTheLastToRun) {
  parse(cascade(yieldP, yieldP, ""));
  EXPECT_EQ(getStages()[0].accepted, 1);
  EXPECT_EQ(getStages()[1].reached, 0);
  EXPECT_FALSE(Likelihood::isAssumed(program->find<CascadeOp>()));
}

TEST_F(LikelihoodTest, VerdictsAreTrueHalfOfTheTime) {
  parse(cascade(yieldFlag, yieldFlag, "{attempts = array<i64: 2, 2>}"));
  auto stages = getStages();
  EXPECT_DOUBLE_EQ(stages[0].attempts, 1.5); // (1 - 1/4) / (1/2)
  EXPECT_DOUBLE_EQ(stages[0].accepted, 0.75);
  EXPECT_EQ(stages[0].maxAttempts, 2);
  EXPECT_DOUBLE_EQ(stages[1].reached, 0.25);
  EXPECT_DOUBLE_EQ(stages[1].attempts, 1.5);
  EXPECT_DOUBLE_EQ(stages[1].accepted, 0.25); // it stands, whatever its verdict
  EXPECT_TRUE(Likelihood::isAssumed(program->find<CascadeOp>()));
}

TEST_F(LikelihoodTest, FailuresCountWithVerdicts) {
  parse(cascade(call("a", "fails") + "xcs_llm.yield %a, %ok : !text, i1", yieldP, ""));
  EXPECT_DOUBLE_EQ(getStages()[0].accepted, 0.8 * 0.5);
  EXPECT_DOUBLE_EQ(getStages()[1].reached, 0.6);
  // A constant verdict is no default.
  parse("%t = arith.constant true\n" +
        cascade(call("a", "fails") + "xcs_llm.yield %a, %t : !text, i1", yieldP, ""));
  EXPECT_DOUBLE_EQ(getStages()[0].accepted, 0.8);
  EXPECT_FALSE(Likelihood::isAssumed(program->find<CascadeOp>()));
}

TEST_F(LikelihoodTest, AcceptRatesHoldForAllAttempts) {
  parse(cascade(yieldFlag, yieldP,
                "{attempts = array<i64: 2, 1>, accept_rate = array<f64: 0.75, 1.0>}"));
  auto stages = getStages();
  EXPECT_DOUBLE_EQ(stages[0].accepted, 0.75);
  EXPECT_DOUBLE_EQ(stages[0].attempts, 1.5); // q = 1/2
  EXPECT_DOUBLE_EQ(stages[1].reached, 0.25);
}

TEST_F(LikelihoodTest, TriesOfWhatIsNeverAccepted) {
  parse(cascade(yieldFlag, yieldP, "{attempts = array<i64: 5, 1>, accept_rate = array<f64: 0.0, 1.0>}"));
  EXPECT_EQ(getStages()[0].attempts, 5);
  EXPECT_EQ(getStages()[1].reached, 1);
  // 1 - 1e-18 is 1, and yet all attempts are made.
  parse(cascade(yieldFlag, yieldP,
                "{attempts = array<i64: 5, 1>, accept_rate = array<f64: 1.0e-18, 1.0>}"));
  EXPECT_NEAR(getStages()[0].attempts, 5, 1e-9);
  EXPECT_NEAR(getStages()[0].accepted, 1e-18, 1e-24);
  parse(cascade(yieldFlag, yieldP,
                "{attempts = array<i64: 9223372036854775807, 1>, accept_rate = array<f64: 0.5, 1.0>}"));
  EXPECT_TRUE(std::isfinite(getStages()[0].attempts));
}

/// The failure of `body`, which defines `%v`, as what the first stage lacks.
#define EXPECT_FAILURE(body, failure)                                                              \
  parse(cascade(std::string(body) + "xcs_llm.yield %v : !text", yieldP, ""));                      \
  EXPECT_NEAR(getStages()[1].reached, failure, 1e-12)

TEST_F(LikelihoodTest, FailuresOfRegions) {
  EXPECT_FAILURE(call("v", "works"), 0);
  EXPECT_FAILURE(call("v", "fails"), 0.2);
  EXPECT_FAILURE(call("v", "unheard-of"), 0);
  EXPECT_FAILURE(call("u", "fails") + call("v", "fails"), 1 - 0.8 * 0.8);
  auto members = [&](StringRef policy) {
    return ("%v = xcs_llm.ensemble " + policy + " -> !text {\n" + call("a", "fails") +
            "xcs_llm.yield %a : !text\n}, {\n" + call("b", "fails") + "xcs_llm.yield %b : !text\n}\n")
        .str();
  };
  EXPECT_FAILURE(members("first"), 0.04);
  EXPECT_FAILURE(members("majority"), 0.04);
  EXPECT_FAILURE("%v = xcs_llm.chain -> !text {\n" + call("a", "fails") +
                     "xcs_llm.yield %a : !text\n}\n", 0.2);
  EXPECT_FAILURE("%v = xcs_llm.conditional %ok -> !text {\n" + call("a", "fails") +
                     "xcs_llm.yield %a : !text\n} else {\nxcs_llm.yield %p : !text\n} "
                     "{probability = 0.25 : f64}\n", 0.05);
}

TEST_F(LikelihoodTest, ACascadeFailsWithItsLastStage) {
  auto inner = [&](StringRef firstYield, StringRef attributes) {
    return ("%v = xcs_llm.cascade -> !text {\n" + call("a", "fails") + "xcs_llm.yield %a" +
            firstYield + "\n}, {\n" + call("b", "fails") + "xcs_llm.yield %b : !text\n} " +
            attributes + "\n").str();
  };
  EXPECT_FAILURE(inner(" : !text", ""), 0.2 * 0.2);
  // Three attempts, and then the other stage's.
  EXPECT_FAILURE(inner(" : !text", "{attempts = array<i64: 3, 1>}"), 0.2 * 0.2 * 0.2 * 0.2);
  EXPECT_FAILURE(inner(" : !text", "{attempts = array<i64: 1, 2>}"), 0.2 * 0.2 * 0.2);
  // A draft that is rejected makes the last stage's failure the cascade's.
  EXPECT_FAILURE(inner(", %ok : !text, i1", ""), 0.6 * 0.2);
  // The last stage is said always to be accepted.
  EXPECT_FAILURE(inner(" : !text", "{accept_rate = array<f64: 0.5, 1.0>}"), 0);
}

TEST_F(LikelihoodTest, WavesOfFirstStartIfNobodyWasAccepted) {
  std::string member = call("a", "fails") + "xcs_llm.yield %a : !text";
  std::string members = "%r = xcs_llm.ensemble first -> !text {\n" + member + "\n}, {\n" + member +
                        "\n}, {\n" + member + "\n}";
  parse(members);
  EXPECT_EQ(likelihood->getWaves(program->find<EnsembleOp>()), (SmallVector<double>{1}));
  parse(members + " {waves = array<i64: 1, 2>}");
  auto waves = likelihood->getWaves(program->find<EnsembleOp>());
  ASSERT_EQ(waves.size(), 2u);
  EXPECT_EQ(waves[0], 1);
  EXPECT_NEAR(waves[1], 0.2, 1e-12);
}

TEST_F(LikelihoodTest, WavesOfMajorityWithoutAgreementStartAsMeasured) {
  std::string member = yieldP.str() + "\n}, {\n";
  parse("%r = xcs_llm.ensemble majority -> !text {\n" + member + member + yieldP.str() +
        "\n} {waves = array<i64: 2, 1>}");
  auto waves = likelihood->getWaves(program->find<EnsembleOp>());
  ASSERT_EQ(waves.size(), 2u);
  EXPECT_EQ(waves[1],
            findWaveProbabilities({2, 1}, getMeasuredAgreement(), std::nullopt, std::nullopt)[1]);
  EXPECT_NEAR(waves[1], 0.25, 0.05);
}

TEST_F(LikelihoodTest, WavesOfMajority) {
  std::string members = "%r = xcs_llm.ensemble majority -> !text {\n" + yieldP.str() + "\n}, {\n" +
                        yieldP.str() + "\n} {waves = array<i64: 1, 1>";
  parse(members + "}");
  EXPECT_EQ(likelihood->getWaves(program->find<EnsembleOp>()), (SmallVector<double>{1, 1}));
  EXPECT_TRUE(Likelihood::isAssumed(program->find<EnsembleOp>()));
  parse(members + ", agreement = 0.9 : f64}");
  EXPECT_FALSE(Likelihood::isAssumed(program->find<EnsembleOp>()));
  // One vote of two may always be outvoted or tied: the second wave starts.
  EXPECT_EQ(likelihood->getWaves(program->find<EnsembleOp>()), (SmallVector<double>{1, 1}));
}

TEST_F(LikelihoodTest, CacheHits) {
  parse(cascade("%k = xcs_llm.cache_lookup \"x\" (%p) : !text\nxcs_llm.yield %k : !text",
                "%n = xcs_llm.generate \"works\" (%p) {hit_rate = 0.3 : f64} : !text\n"
                "%s = xcs_llm.cache_store \"x\" (%p), %n : !text\nxcs_llm.yield %s : !text", ""));
  EXPECT_NEAR(getStages()[1].reached, 0.7, 1e-12);
  // Nobody stores under that fingerprint.
  parse(cascade("%k = xcs_llm.cache_lookup \"y\" (%p) : !text\nxcs_llm.yield %k : !text",
                "%n = xcs_llm.generate \"works\" (%p) {hit_rate = 0.3 : f64} : !text\n"
                "%s = xcs_llm.cache_store \"x\" (%p), %n : !text\nxcs_llm.yield %s : !text", ""));
  EXPECT_NEAR(getStages()[1].reached, 1, 1e-12);
}

} // namespace
