//===- ModelChains.cpp - Choices that keep the limits of chains -----------===//

#include "XcsLLM/Analysis/ModelChoice.h"
#include "llvm/ADT/STLExtras.h"

using namespace xcs;
using llvm::ArrayRef;

namespace {

constexpr double precision = 1e-9;
using Chain = ModelChoiceProblem::Chain;
using Options = std::vector<std::vector<uint32_t>>;

/// The chain alone: what it waits for from elsewhere is there.
TimeCostProblem extract(const TimeCostProblem &program, const Chain &chain) {
  TimeCostProblem part;
  for (uint32_t index = chain.first; index < chain.end; ++index) {
    part.activities.push_back(program.activities[index]);
    auto &predecessors = part.activities.back().predecessors;
    llvm::erase_if(predecessors, [&](uint32_t before) { return before < chain.first; });
    for (uint32_t &before : predecessors)
      before -= chain.first;
  }
  return part;
}

class ChainChooser {
public:
  ChainChooser(const ModelChoiceProblem &problem, Options allowed, size_t effort)
      : problem(problem), allowed(std::move(allowed)), effort(effort) {}

  ModelChoice choose(double deadlineMs);

private:
  bool hasTimes() const { return !problem.program.activities.empty(); }
  double getLeastCost(uint32_t call) const;
  ModelChoice relax(double deadlineMs);
  ModelChoice chooseAlone(const Chain &chain);
  void narrow(const Chain &chain, const ModelChoice &alone, bool isFixed);
  bool keeps(const Chain &chain, ArrayRef<uint32_t> chosen) const;

  const ModelChoiceProblem &problem;
  Options allowed;
  size_t effort;
};

} // namespace

ChainFigures xcs::measureChain(const ModelChoiceProblem &problem, const Chain &chain,
                               ArrayRef<uint32_t> chosen) {
  ChainFigures figures;
  TimeCostProblem part;
  if (!problem.program.activities.empty())
    part = extract(problem.program, chain);
  for (uint32_t index : chain.calls) {
    const ModelChoiceProblem::Call &call = problem.calls[index];
    const ModelChoiceProblem::Option &option = call.options[chosen[index]];
    figures.cost += option.cost;
    if (!part.activities.empty())
      part.activities[call.activity - chain.first].options = {{option.timeMs, option.cost}};
  }
  figures.timeMs = getTimeMs(part, std::vector<uint32_t>(part.activities.size()));
  return figures;
}

double ChainChooser::getLeastCost(uint32_t call) const {
  double least = std::numeric_limits<double>::infinity();
  for (uint32_t option : allowed[call])
    least = std::min(least, problem.calls[call].options[option].cost);
  return least;
}

/// The cheapest choice without the limits of chains.
ModelChoice ChainChooser::relax(double deadlineMs) {
  ModelChoice choice;
  if (!hasTimes()) {
    for (auto [call, options] : llvm::zip(problem.calls, allowed)) {
      const auto &all = call.options;
      uint32_t best = *llvm::min_element(options, [&](uint32_t a, uint32_t b) {
        return std::tie(all[a].cost, all[a].timeMs) < std::tie(all[b].cost, all[b].timeMs);
      });
      choice.chosen.push_back(best);
      choice.cost += all[best].cost;
    }
    choice.bound = choice.cost;
    return choice;
  }
  TimeCostProblem program = problem.program;
  program.deadlineMs = deadlineMs;
  for (auto [call, options] : llvm::zip(problem.calls, allowed)) {
    auto &ways = program.activities[call.activity].options;
    ways.clear();
    for (uint32_t option : options)
      ways.push_back({call.options[option].timeMs, call.options[option].cost});
  }
  TimeCostResult result = solveTimeCost(program, effort);
  choice.outcome =
      result.isFeasible ? ModelChoice::Outcome::Chosen : ModelChoice::Outcome::TooLate;
  choice.timeMs = result.timeMs;
  choice.cost = result.cost;
  choice.bound = result.bound;
  for (auto [call, options] : llvm::zip(problem.calls, allowed))
    choice.chosen.push_back(options[result.chosen[call.activity]]);
  return choice;
}

/// The cheapest way through the chain by its deadline; what is chosen stands in the
/// order of its calls.
ModelChoice ChainChooser::chooseAlone(const Chain &chain) {
  ModelChoiceProblem part;
  if (hasTimes())
    part.program = extract(problem.program, chain);
  Options options;
  for (uint32_t call : chain.calls) {
    part.calls.push_back(problem.calls[call]);
    part.calls.back().activity -= hasTimes() ? chain.first : 0;
    options.push_back(allowed[call]);
  }
  return ChainChooser(part, std::move(options), effort).relax(chain.deadlineMs);
}

/// Leaves the chain's calls what is no slower than alone, or no other option.
void ChainChooser::narrow(const Chain &chain, const ModelChoice &alone, bool isFixed) {
  for (auto [call, best] : llvm::zip(chain.calls, alone.chosen)) {
    const auto &all = problem.calls[call].options;
    double most = all[best].timeMs;
    llvm::erase_if(allowed[call], [&, best = best](uint32_t option) {
      return isFixed ? option != best : all[option].timeMs > most;
    });
  }
}

bool ChainChooser::keeps(const Chain &chain, ArrayRef<uint32_t> chosen) const {
  ChainFigures figures = measureChain(problem, chain, chosen);
  return figures.timeMs <= chain.deadlineMs * (1 + precision) &&
         figures.cost <= chain.budget * (1 + precision);
}

ModelChoice ChainChooser::choose(double deadlineMs) {
  ModelChoice choice = relax(deadlineMs);
  if (problem.chains.empty() || choice.outcome != ModelChoice::Outcome::Chosen)
    return choice;
  double bound = choice.bound, apart = 0;
  for (uint32_t call = 0; call < problem.calls.size(); ++call)
    apart += getLeastCost(call);
  uint32_t counted = ~0u; // the start of the last chain whose bound is part of `apart`
  for (auto [index, chain] : llvm::enumerate(problem.chains))
    for (bool isFixed : {false, true}) {
      if (keeps(chain, choice.chosen))
        break;
      ModelChoice alone = chooseAlone(chain);
      alone.chain = index;
      if (alone.outcome == ModelChoice::Outcome::Chosen &&
          alone.cost > chain.budget * (1 + precision))
        alone.outcome = ModelChoice::Outcome::TooDear;
      if (alone.outcome != ModelChoice::Outcome::Chosen)
        return alone;
      // Inner chains are narrowed already: what they are bound by is part of this one's.
      if (!isFixed && (counted == ~0u || counted < chain.first)) {
        apart += alone.bound;
        for (uint32_t call : chain.calls)
          apart -= getLeastCost(call);
        counted = chain.first;
      }
      narrow(chain, alone, isFixed);
      choice = relax(deadlineMs);
      if (choice.outcome != ModelChoice::Outcome::Chosen)
        return choice;
    }
  choice.bound = std::min(choice.cost, std::max(bound, apart));
  return choice;
}

ModelChoice xcs::chooseWithChains(const ModelChoiceProblem &problem, double deadlineMs,
                                  Options allowed, size_t effort) {
  return ChainChooser(problem, std::move(allowed), effort).choose(deadlineMs);
}
