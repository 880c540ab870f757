//===- Caching.cpp - Which answers are worth keeping ----------------------===//

#include "XcsLLM/Analysis/Caching.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Fingerprints
//===----------------------------------------------------------------------===//

/// A text with its length in front, so that no two lists of texts look the same.
static std::string renderText(StringRef text) {
  return (Twine(text.size()) + ":" + text).str();
}

/// A number by its bits, which every machine prints alike. The two zeros are equal.
static std::string renderFigure(FloatAttr figure) {
  APFloat value = figure.getValue();
  if (value.isZero())
    value.clearSign();
  SmallString<24> bits;
  value.bitcastToAPInt().toString(bits, /*Radix=*/16, /*Signed=*/false);
  return ("f" + bits).str();
}

static std::string render(Attribute attribute) {
  return llvm::TypeSwitch<Attribute, std::string>(attribute)
      .Case([](StringAttr text) { return renderText(text.getValue()); })
      .Case([](IntegerAttr number) {
        SmallString<24> digits;
        number.getValue().toStringSigned(digits);
        return ("i" + digits).str();
      })
      .Case([](FloatAttr figure) { return renderFigure(figure); })
      .Case([](RoleAttr role) { return renderText(stringifyRole(role.getValue())); })
      .Case([](ArrayAttr list) {
        std::string text = "[" + std::to_string(list.size());
        for (Attribute item : list)
          text += " " + render(item);
        return text + "]";
      })
      .Default([](Attribute other) {
        std::string text;
        llvm::raw_string_ostream(text) << other;
        return renderText(text);
      });
}

/// Whether an attribute decides the answer, and not only how it is asked for.
static bool decidesAnswer(StringRef name) {
  return !name.contains('.') &&
         !llvm::is_contained({"cacheable", "no_reuse", "batch_compatible", "fusion_compatible",
                              "min_quality", "service_tier"},
                             name);
}

std::string xcs::getCanonicalRequest(LLMCallOpInterface call) {
  std::string text = renderText(call->getName().stripDialect());
  // They are sorted by name.
  for (NamedAttribute attribute : call.getRequestAttrs())
    if (decidesAnswer(attribute.getName()))
      text += "\n" + renderText(attribute.getName()) + " " + render(attribute.getValue());
  std::string type;
  llvm::raw_string_ostream(type) << call->getResult(0).getType();
  return text + "\n" + renderText(type) + "\n";
}

std::string xcs::getFingerprint(LLMCallOpInterface call) {
  std::array<uint8_t, 32> hash =
      llvm::SHA256::hash(llvm::arrayRefFromStringRef(getCanonicalRequest(call)));
  StringRef model = call.getModelAttr() ? call.getModelAttr().getValue() : "";
  return (call->getName().stripDialect() + "/" + model + "/" +
          llvm::toHex(hash, /*LowerCase=*/true))
      .str();
}

SampleNumbers::SampleNumbers(Operation *function) {
  function->walk([&](Operation *op) {
    if (auto lookup = dyn_cast<CacheLookupOp>(op))
      taken.insert(lookup.getFingerprint());
    else if (auto store = dyn_cast<CacheStoreOp>(op))
      taken.insert(store.getFingerprint());
  });
}

std::string SampleNumbers::getNext(StringRef fingerprint) {
  while (true) {
    std::string name = (fingerprint + "/" + Twine(next[fingerprint]++)).str();
    if (taken.insert(name).second)
      return name;
  }
}

//===----------------------------------------------------------------------===//
// Where one entry stands for one sample
//===----------------------------------------------------------------------===//

static std::pair<FloatAttr, FloatAttr> getBudgetAndDeadline(Operation *op) {
  if (auto chain = dyn_cast<ChainOp>(op))
    return {chain.getBudgetUsdAttr(), chain.getDeadlineMsAttr()};
  if (isa<FunctionOpInterface>(op))
    return {op->getAttrOfType<FloatAttr>("xcs_llm.budget_usd"),
            op->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms")};
  return {};
}

static bool isConstrained(Operation *op) {
  auto [budget, deadline] = getBudgetAndDeadline(op);
  return budget || deadline;
}

/// Whether a budget or a deadline holds for `op`.
static bool isInConstraint(Operation *op) {
  for (; op; op = op->getParentOp())
    if (isConstrained(op))
      return true;
  return false;
}

CalledFunctions::CalledFunctions(Operation *module) {
  SymbolTableCollection symbols;
  llvm::DenseMap<Operation *, SmallVector<Operation *>> callees;
  SmallVector<Operation *> reached;
  auto add = [&](Operation *user, SymbolRefAttr name) {
    Operation *callee = name ? symbols.lookupNearestSymbolFrom(user, name) : nullptr;
    if (!callee)
      return;
    called.insert(callee);
    callees[user->getParentOfType<FunctionOpInterface>()].push_back(callee);
    if (isInConstraint(user))
      reached.push_back(callee);
  };
  module->walk([&](Operation *op) {
    if (auto call = dyn_cast<CallOpInterface>(op))
      add(op, dyn_cast<SymbolRefAttr>(call.getCallableForCallee()));
    else if (auto constant = dyn_cast<func::ConstantOp>(op))
      add(op, constant.getValueAttr());
  });
  while (!reached.empty())
    if (Operation *function = reached.pop_back_val(); constrained.insert(function).second)
      llvm::append_range(reached, callees.lookup(function));
}

/// Why what stands in `region` may run more than once in one run of its parent.
static StringRef findRepetition(Region *region) {
  Operation *parent = region->getParentOp();
  if (!region->hasOneBlock())
    return "control of another dialect may run it many times";
  if (isa<FunctionOpInterface, ChainOp, ConditionalOp, EnsembleOp>(parent))
    return "";
  if (auto cascade = dyn_cast<CascadeOp>(parent))
    return cascade.getStageAttempts(region->getRegionNumber()) > 1
               ? "each attempt of its stage needs a sample of its own"
               : "";
  return isa<BatchOp>(parent) ? "each item of its batch needs a sample of its own"
                              : "control of another dialect may run it many times";
}

StringRef xcs::findRepetition(Operation *op) {
  for (; op && !isa<FunctionOpInterface>(op); op = op->getParentOp())
    if (StringRef reason = ::findRepetition(op->getParentRegion()); !reason.empty())
      return reason;
  return "";
}

/// How many attempts of stages around `op`, within `limit`, follow one another.
static double countAttempts(Operation *op, Operation *limit) {
  double attempts = 1;
  for (; op != limit; op = op->getParentOp())
    if (auto cascade = dyn_cast<CascadeOp>(op->getParentOp()))
      attempts *= cascade.getStageAttempts(op->getParentRegion()->getRegionNumber());
  return attempts;
}

/// Whether `more` may be more than what `worst` leaves of the limit, if there is one.
static bool mayExceed(Amount worst, double more, FloatAttr limit) {
  return limit && more > 0 && (!worst.complete || worst.known + more > limit.getValueAsDouble());
}

LookupRoom::LookupRoom(const ProgramCost &program, const Effort &lookup)
    : program(program), lookup(lookup) {
  for (const ChainCost &chain : program.chains)
    chains[chain.chain] = &chain;
}

StringRef LookupRoom::findBroken(Operation *around, const Need &more) const {
  auto [budget, deadline] = getBudgetAndDeadline(around);
  const ChainCost *chain = chains.lookup(around);
  if (mayExceed(chain ? chain->worstCostUsd : program.totals.worstCostUsd, more.usd, budget))
    return "budget_usd";
  if (mayExceed(chain ? chain->worstLatencyMs : program.worstLatencyMs, more.ms, deadline))
    return "deadline_ms";
  return "";
}

StringRef LookupRoom::take(const CallCost &call) {
  LLMCallOpInterface op = call.call;
  SmallVector<std::pair<Operation *, Need>> needs;
  for (Operation *around = op->getParentOp(); around; around = around->getParentOp()) {
    if (isConstrained(around)) {
      Need need = taken.lookup(around);
      need.usd += lookup.costUsd.known * call.runs.worst;
      need.ms += lookup.latencyMs.known * countAttempts(op, around);
      if (StringRef broken = findBroken(around, need); !broken.empty())
        return broken;
      needs.emplace_back(around, need);
    }
    if (isa<FunctionOpInterface>(around))
      break;
  }
  for (auto &[around, need] : needs)
    taken[around] = need;
  return "";
}

//===----------------------------------------------------------------------===//
// Whether it pays
//===----------------------------------------------------------------------===//

Effort xcs::getCachedEffort(const Effort &call, double hitRate, const Effort &lookup) {
  double misses = 1 - hitRate;
  Effort effort{call.costUsd * misses, call.latencyMs * misses, call.requests * misses};
  effort.costUsd += lookup.costUsd;
  effort.latencyMs += lookup.latencyMs;
  return effort;
}

/// Whether what is saved of `amount` is more than `price`, whatever is unknown of it.
static bool surelyGains(Amount amount, double hitRate, double price) {
  return hitRate > 0 && (price == 0 || amount.known * hitRate > price);
}

CachingGain xcs::getCachingGain(const Effort &call, double hitRate, const Effort &lookup,
                                Objective objective) {
  bool isCheaper = surelyGains(call.costUsd, hitRate, lookup.costUsd.known);
  bool isFaster = surelyGains(call.latencyMs, hitRate, lookup.latencyMs.known);
  bool countsCost = objective != Objective::Latency, countsTime = objective != Objective::Cost;
  if ((isCheaper || !countsCost) && (isFaster || !countsTime))
    return CachingGain::Yes;
  if ((countsCost && !call.costUsd.complete) || (countsTime && !call.latencyMs.complete))
    return CachingGain::Unknown;
  return isGain(call, getCachedEffort(call, hitRate, lookup), objective) ? CachingGain::Yes
                                                                          : CachingGain::No;
}
