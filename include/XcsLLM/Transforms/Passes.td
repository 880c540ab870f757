//===- Passes.td - Passes -------------------------------------------------===//

#ifndef XCSLLM_TRANSFORMS_PASSES_TD
#define XCSLLM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

// What passes that rewrite programs have in common.
defvar RewriteOptions = [
  Option<"allow", "allow", "::xcs::Allow", /*default=*/"::xcs::Allow::Quality",
         "The most that the programs' own leave (xcs_llm.allow, or else distribution) is "
         "narrowed to; by default to nothing less", [{::llvm::cl::values(
           clEnumValN(::xcs::Allow::Lossless, "lossless", "the same requests, or fewer equal ones"),
           clEnumValN(::xcs::Allow::Distribution, "distribution", "samples stay independent samples of the same request"),
           clEnumValN(::xcs::Allow::Quality, "quality", "answers may change"))}]>,
  Option<"objective", "objective", "::xcs::Objective", /*default=*/"::xcs::Objective::Cost",
         "What rewrites are to gain", [{::llvm::cl::values(
           clEnumValN(::xcs::Objective::Cost, "cost", "money"),
           clEnumValN(::xcs::Objective::Latency, "latency", "time"),
           clEnumValN(::xcs::Objective::Balanced, "balanced", "both: a percent of one for a percent of the other"))}]>,
  Option<"catalog", "catalog", "std::string", /*default=*/"",
         "Catalog of models, as LiteLLM's map, over the built-in one">
];

// What some have in common with `xcs-optimize`, which hands it on.
defvar ModelOptions = [
  ListOption<"candidates", "models", "std::string",
             "Models to choose from beside those of the module; all: every chat model of the "
             "catalog whose prices and quality are known">
];
defvar TierOptions = [
  ListOption<"tiers", "tiers", "std::string",
             "Service tiers, flex or batch, that calls of programs without a deadline may "
             "take; by default none">
];
defvar PackOptions = [
  Option<"pack", "pack", "int64_t", /*default=*/"0",
         "Most items that share one request; 0, the default, for none">,
  Option<"packAcceptRate", "pack-accept-rate", "double", /*default=*/"0.95",
         "Expected share of items that the answer of a pack has; 0.95 by default">
];
defvar VoteOptions = [
  Option<"confidence", "confidence", "double", /*default=*/"0",
         "End votes that are decided with this confidence, 0 to 1, where programs give leave "
         "for quality-bounded rewrites; 0, the default, for never">
];
defvar CacheOptions = [
  Option<"scope", "scope", "std::string", /*default=*/"",
         "Keeps users of one cache apart; empty: none">,
  Option<"ttlS", "ttl-s", "double", /*default=*/"0", "How long entries serve, in seconds; 0: for ever">,
  Option<"hitRate", "hit-rate", "double", /*default=*/"0",
         "The share of requests answered before, of calls without the hint 'hit_rate'; 0: not known">,
  Option<"cacheDeterministic", "cache-deterministic", "bool", /*default=*/"false",
         "Makes deterministic calls cacheable, but for those that say 'no_reuse'">,
  Option<"lookupUsd", "lookup-usd", "double", /*default=*/"1e-6",
         "What a look into the cache costs, a store after a miss included, in US dollars">,
  Option<"lookupMs", "lookup-ms", "double", /*default=*/"5",
         "How long a look into the cache takes, in milliseconds">
];

def BatchPrompts : Pass<"xcs-batch-prompts", "::mlir::ModuleOp"> {
  let summary = "group independent calls of one kind into batches";
  let description = [{
    Groups calls of one operation, model, parameters and roles, in one region,
    that do not depend on each other, into one `xcs_llm.batch`. Messages that
    differ become lists, equal ones are captured; templates and parses of one
    shape around the calls come into the body, so that equal chains become one
    batch over one chain. Batches with equal bodies merge. Calls of different
    members of an ensemble are grouped where every member runs. Hints may differ:
    the batch has the mean of the expected output tokens, rounded, and, in
    `xcs_llm.item_output_tokens`, those of each item. What would make the program
    end later stays apart. `batch_size` is what fits the limits of the models.

    Lossless: each item of a batch stays a request, and a sample, of its own. A
    batch is a group; whether it saves requests is up to the endpoint. Remarks
    tell of each batch made, and of each call outside of batches why.

    Calls that can wait go to a cheaper service tier, also lossless: to the batch
    tier where a function's deadline leaves its 24 hours, or to those of `tiers`
    where there is no deadline. A call that names a tier keeps it.

    With `pack=N`, and leave for `quality`, up to N items of a batch that share
    their instructions share one request, with numbered items and a JSON list as
    answer. It is read item by item; what is missing or cannot be read is asked
    for by itself.
  }];
  let options = RewriteOptions # TierOptions # PackOptions # [
    Option<"maxBatchSize", "max-batch-size", "int64_t", /*default=*/"0",
           "Most items that go out together; 0, the default, for no limit but the models'">,
    Option<"minBatchSize", "min-batch-size", "int64_t", /*default=*/"2",
           "Fewest calls that make a batch; 2 by default">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def EliminateRedundantCalls : Pass<"xcs-eliminate-redundant-calls", "::mlir::ModuleOp"> {
  let summary = "make equal deterministic calls one";
  let description = [{
    Equal are deterministic calls of one operation, model, parameters and roles on
    equal messages, wherever these come from: answers to equal calls, and what
    templates, parses and other operations without effects make of equal values,
    are equal. So are calls of one pure tool on equal values.

    A call that an equal one stands before is merged with it. Hints (and
    `estimate`) may differ: each is that of the first call that has one, in
    program order. Before regions that hold equal calls comes one of them, with
    what it needs, if it surely runs: it stands in both branches of a conditional,
    in the first wave of `all`, `best` or `majority`, in a chain without
    constraints, or behind these regions. None comes out of `first`, a cascade, a
    batch or a constrained chain. Calls of pure tools that nobody uses go.

    Lossless: no call runs where none ran, or more often. Where there are calls to
    merge, upstream's `cse` does it, over the function, so equal templates are one
    as well, and what nobody uses is gone. Warns of candidates, in an ensemble or a
    prompt's list, that are all the same answer of a deterministic call.
  }];
  let options = RewriteOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def FuseEnsembles : Pass<"xcs-fuse-ensembles", "::mlir::ModuleOp"> {
  let summary = "make equal sampled calls one request of several samples";
  let description = [{
    Sampled calls that ask one model the same, with the same parameters, on equal
    messages, become one request for as many samples (`n`), at most the model's
    `max_samples`; those that ask for several samples already add up. Its prompt is
    billed once. Each of them has to run whenever the others do, and as often: they
    stand in one block, or in chains without constraints and members of `all`,
    `best` or `majority` without waves in it. Templates that a call needs come with
    it. Never fused are calls with `seed` or `no_reuse`, those that are not
    `fusion_compatible`, those that nobody uses, and those without a model or of one
    that gives one sample a request; nor any across branches, stages, waves, or the
    members of `first`.

    Distribution-preserving: the samples are as many, and each is one of the same
    request. A request that fails fails all its samples. The expected output tokens
    and the hit rate are the mean, over samples.
  }];
  let options = RewriteOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def StageVotes : Pass<"xcs-stage-votes", "::mlir::ModuleOp"> {
  let summary = "take votes in the rounds that are cheapest to settle";
  let description = [{
    Finds majorities whose votes are samples of one request: one call with `n`
    before the members, or in one, or equal calls in all of them. Where votes in
    rounds are expected to cost less than all at once, makes each round a member
    with a request of its own, and `waves` of one round each: the next one starts
    only if the vote is not settled. `agreement` tells how likely that is; without
    it votes are expected to agree as measured ones did (docs/CostModel.md). There
    are no more rounds than deadlines and budgets leave room for.

    Distribution-preserving: the votes are samples of the same request, in the same
    order, and none is left out that could change the result. With the option
    `confidence` quality-bounded: a vote also ends when it is that likely decided.
    Remarks tell of each vote that is staged, and of each that is not why.
  }];
  let options = RewriteOptions # VoteOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def InsertCaching : Pass<"xcs-insert-caching", "::mlir::ModuleOp"> {
  let summary = "keep answers of cacheable calls where that pays";
  let description = [{
    Puts a cascade around each cacheable call for which that gains: first a
    `cache_lookup`, then the call and a `cache_store` of its answer. In a batch it
    comes into the body, so only misses go out. The fingerprint is a hash of the
    request without its messages, so run it after every pass that changes requests.
    A sampled call is kept under its number among equal ones, and is left where it
    may run more than once in a run. docs/Optimizer.md has the rules.
  }];
  let options = RewriteOptions # CacheOptions;
}

def SelectModels : Pass<"xcs-select-models", "::mlir::ModuleOp"> {
  let summary = "choose the cheapest models and tiers that keep what is asked for";
  let description = [{
    Chooses, for each function, the models and service tiers with which it is
    cheapest (or what `objective` says), such that every call's `min_quality` (at its
    `quality_task`, where that is known) and lengths are kept, and the function's
    `budget_usd` and `deadline_ms`. Models to choose from are those that the module
    declares or that its calls name, and those of `models`.

    Lossless: a call that names no model gets one; a call that names no tier is moved
    to one that is cheaper and later, if the deadline leaves time for that or, where
    there is none, if `tiers` says so. Quality-bounded: a named model is replaced,
    where a bound says how good another must be. Those of embeddings never are, nor
    those of calls whose answers are kept in a cache. Members of one ensemble that
    name different models stay different.

    A remark tells of each choice, and of how far above the least cost it is at most.
    Where no choice keeps all, there is an error that says by how much.
  }];
  let options = RewriteOptions # ModelOptions # TierOptions;
}

def OptimizeChains : Pass<"xcs-optimize-chains", "::mlir::ModuleOp"> {
  let summary = "put templates together, and flatten chains";
  let description = [{
    Writes constant operands into templates, and templates that are used once into
    the one that uses them; the text stays as it is, byte by byte. Templates of one
    format keep the constants that they differ in as operands: so their calls can
    be one batch. A chain without constraints directly in a chain becomes part of
    it. All of this is lossless, and costs nothing.

    A template with `reorder` gets its constant paragraphs ahead of those with
    placeholders if then, by the cost model, the calls on it read more from the
    prompt cache, and the program gains. That changes the text: `reorder` is the
    owner's leave for it, unless `allow` is `lossless`.
  }];
  let options = RewriteOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def PruneConditionals : Pass<"xcs-prune-conditionals", "::mlir::ModuleOp"> {
  let summary = "leave out branches and decisions that are not needed";
  let description = [{
    Branches that a constant rules out go, by the dialect's canonicalization, and
    conditionals whose branches are equal become one of them. Calls that one region
    alone uses move into it, sampled ones too, with what they alone need, if it runs
    at most once and is not sure to: branches, later stages without repeats, later
    waves. Conjunctions, disjunctions and `arith.select` whose operands calls stand
    behind, and nobody else uses, become conditionals: of flags the one first that
    costs least for its chance to decide. All of that is lossless: what is asked for
    is asked for as before, and the rest not at all. What moves waits for the
    decision, so the objective decides whether it does.

    Quality-bounded: a judge is asked only if its candidates do not agree. They
    stand in for its answer where they are read as it is, or where they are short
    texts and its answer is a text.
  }];
  let options = RewriteOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def CancelRedundant : Pass<"xcs-cancel-redundant", "::mlir::ModuleOp"> {
  let summary = "mark what a result makes unnecessary";
  let description = [{
    Marks with `xcs_llm.cancel` what may be decided while work for it is still running:
    ensembles `first` and `majority`, and conjunctions and disjunctions of flags that one
    operand decides. Schedules then say which tasks are to be cancelled, and when. What
    runs impure tools, or is needed for anything else, is never cancelled, and no
    failure is added. Changes nothing but attributes, so run it last: it is lossless.
    docs/Optimizer.md has the rules.
  }];
  let options = RewriteOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def Optimize : Pass<"xcs-optimize", "::mlir::ModuleOp"> {
  let summary = "make programs cheaper or faster, and keep what they mean";
  let description = [{
    Runs the passes of docs/Optimizer.md, and upstream's `inline`, `canonicalize`,
    `sccp`, `cse` and `control-flow-sink`, in the order that Pipelines.cpp explains:
    what simplifies again and again until nothing changes, then what places calls.
    No rewrite goes beyond the leave that a function gives. A program that would come
    out costing more in `objective`, or breaking a budget or deadline that it kept
    before, is left as it was, with a remark.

    The other options are those of the passes of their names: `models` and `tiers`
    choose among more than a program names, `pack` lets items share a request, and
    caching needs to know how many requests repeat.
  }];
  let options = RewriteOptions # ModelOptions # VoteOptions # TierOptions # PackOptions
    # CacheOptions;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def AnnotateCosts : Pass<"xcs-annotate-costs", "::mlir::ModuleOp"> {
  let summary = "put estimated tokens, cost, latency and memory on calls";
  let description = [{
    Puts `estimate` on every call: what one run of it is expected to take, by the
    cost model (docs/CostModel.md). What is unknown, or known in part only, is
    absent. Remarks tell of each default that was taken where the program says
    nothing, and which attribute would say it.

    An estimate holds for the program as it was when this pass ran, and no pass
    reads it: figures are always computed anew. What merges calls drops estimates
    that differ. As upstream's `cse` and the merging of batches tell calls with
    different estimates apart, this pass comes last.
  }];
  let options = [
    Option<"catalog", "catalog", "std::string", /*default=*/"",
           "Catalog of models, as LiteLLM's map, over the built-in one">
  ];
}

def ApplyProfile : Pass<"xcs-apply-profile", "::mlir::ModuleOp"> {
  let summary = "put what runs have measured into the program, as hints";
  let description = [{
    Reads a profile that `xcs-run --profile` wrote (docs/Profiles.md) and sets what it
    measured: `expected_output_tokens` and `hit_rate` of calls, `agreement`,
    `accept_rate` and `probability` of control, lengths and numbers of inputs, latency
    and lengths of tools, and on `xcs_llm.model` the models' speed and failures. What
    was not measured keeps the hint that it has.

    Tasks are found by their ids, so the program has to be the one that the schedule
    was made from: a file with other bytes is warned of, and what does not fit is left
    out with a warning. The profile of a simulation, which repeats estimates, is an error.
    `--xcs-apply-profile=FILE` names the file.
  }];
  let options = [Option<"file", "file", "std::string", /*default=*/"", "The profile">];
  let dependentDialects = ["::xcs::XcsLLMDialect"];
}

def VerifyConstraints : Pass<"xcs-verify-constraints", "::mlir::ModuleOp"> {
  let summary = "check budgets, deadlines, quality and the models' limits";
  let description = [{
    An error, with the figure, the limit and the largest contributors, for each
    function, chain and call that breaks its `budget_usd`, `deadline_ms` or
    `min_quality`, and for calls that their model cannot answer: input, output, or
    the two together too long. A deadline of a function holds under the rate limits
    of its models, too. A function's `min_quality` does not hold for embeddings.

    A sum of which parts are unknown breaks a limit if its known part does. Else,
    as where a model's quality is unknown, there is a warning that names what is
    unknown; and one, with `at=expected`, where only the worst case is over a limit.
    A remark tells of samples that take several requests. Changes nothing.
  }];
  let options = [
    Option<"catalog", "catalog", "std::string", /*default=*/"",
           "Catalog of models, as LiteLLM's map, over the built-in one">,
    Option<"at", "at", "::xcs::CostCase", /*default=*/"::xcs::CostCase::Expected",
           "Which figures have to be within the limits", [{::llvm::cl::values(
             clEnumValN(::xcs::CostCase::Expected, "expected", "what is likely"),
             clEnumValN(::xcs::CostCase::Worst, "worst", "all branches, attempts and waves"))}]>
  ];
}

def ReportCosts : Pass<"xcs-report-costs", "::mlir::ModuleOp"> {
  let summary = "print what programs cost at this point of a pipeline";
  let description = [{
    Prints, to standard error, the table of calls, requests, tokens, cost and
    latency that `xcs-opt --xcs-report` prints of the programs before and after a
    pipeline, as they are now. For pipelines in C++, which may give it another
    stream, and for a stock `mlir-opt`. Changes nothing.
  }];
  let options = [
    Option<"catalog", "catalog", "std::string", /*default=*/"",
           "Catalog of models, as LiteLLM's map, over the built-in one">,
    Option<"format", "format", "::xcs::ReportFormat", /*default=*/"::xcs::ReportFormat::Text",
           "How to print", [{::llvm::cl::values(
             clEnumValN(::xcs::ReportFormat::Text, "text", "for people"),
             clEnumValN(::xcs::ReportFormat::Json, "json", "as JSON"))}]>
  ];
}

#endif // XCSLLM_TRANSFORMS_PASSES_TD
