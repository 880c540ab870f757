//===- XcsLLMOps.td - Operations ------------------------------------------===//

#ifndef XCSLLM_DIALECT_OPS_TD
#define XCSLLM_DIALECT_OPS_TD

include "XcsLLM/Dialect/XcsLLMAttrs.td"
include "XcsLLM/Dialect/XcsLLMInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Refuses misspelt parameters, which would pass as discardable attributes, and
// text that is not UTF-8.
def CheckedAttributes : NativeOpTrait<"CheckedAttributes"> {
  let cppNamespace = "::xcs";
}
// The values that regions yield are the results, as they are.
def ForwardsYields : NativeOpTrait<"ForwardsYields"> {
  let cppNamespace = "::xcs";
}

class XcsLLM_Op<string mnemonic, list<Trait> traits = []>
    : Op<XcsLLM_Dialect, mnemonic, [CheckedAttributes] # traits>;

// An operation whose (first) result prints under a telling name.
class XcsLLM_NamedOp<string mnemonic, string resultName, list<Trait> traits = []>
    : XcsLLM_Op<mnemonic, [DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>] # traits> {
  let extraClassDefinition = [{
    void $cppClass::getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      if ((*this)->getNumResults())
        setName((*this)->getResult(0), "}] # resultName # [{");
    }
  }];
}

def XcsLLM_ModelOp : XcsLLM_Op<"model", [HasParent<"::mlir::ModuleOp">]> {
  let summary = "declares or overrides a model of the catalog";
  let description = [{
    Holds for this module; what is missing comes from the catalog. Prices are in
    US dollars per million tokens. Calls name models by string. Written like a
    symbol, but none: it may be called like a function, and no pass drops it. Example:
    `xcs_llm.model @"my-model" {input_usd_per_mtok = 0.15 : f64}`
  }];
  let arguments = (ins SymbolNameAttr:$name, OptionalAttr<StrAttr>:$provider,
    OptionalAttr<PriceF64>:$input_usd_per_mtok, OptionalAttr<PriceF64>:$output_usd_per_mtok,
    OptionalAttr<PriceF64>:$cached_input_usd_per_mtok,
    OptionalAttr<PriceF64>:$cache_write_usd_per_mtok,
    OptionalAttr<NonNegativeI64>:$min_cached_tokens,
    OptionalAttr<ShareF64>:$batch_discount, OptionalAttr<PositiveI64>:$context_tokens,
    OptionalAttr<PositiveI64>:$max_output_tokens, OptionalAttr<PositiveI64>:$max_samples,
    OptionalAttr<BoolAttr>:$array_inputs, OptionalAttr<ShareF64>:$quality,
    OptionalAttr<NonNegativeF64>:$ttft_ms, OptionalAttr<PositiveF64>:$output_tokens_per_s,
    OptionalAttr<PositiveF64>:$requests_per_min, OptionalAttr<PositiveF64>:$tokens_per_min,
    OptionalAttr<PositiveI64>:$max_concurrency, OptionalAttr<ShareF64>:$failure_rate,
    OptionalAttr<NonNegativeF64>:$memory_mb);
  let assemblyFormat = "$name attr-dict";
  let hasVerifier = 1;
}

def XcsLLM_TextOp : XcsLLM_NamedOp<"text", "text", [Pure, ConstantLike]> {
  let summary = "a constant text";
  let description = [{
    No effects. Example: `%system = xcs_llm.text "You are terse."`
  }];
  let arguments = (ins StrAttr:$value);
  let results = (outs XcsLLM_Text:$result);
  let assemblyFormat = "$value attr-dict";
  let hasFolder = 1;
}

def XcsLLM_PromptTemplateOp : XcsLLM_NamedOp<"prompt_template", "prompt", [Pure]> {
  let summary = "puts values into a text";
  let description = [{
    Operands bind, in order, to the distinct placeholders in order of first
    appearance; `{{` and `}}` are literal braces. Numbers print as in RFC 8785,
    flags as `true` and `false`, lists joined by `separator`. `reorder` gives
    leave to move constant parts ahead. Fails if an operand, or an item of one,
    has failed. No effects. What is no text shows its type. Example:
    `%p = xcs_llm.prompt_template "{n}. {question}" (%n : i64, %question)`
  }];
  let arguments = (ins StrAttr:$format, Variadic<XcsLLM_Value>:$values,
    DefaultValuedOptionalAttr<StrAttr, "\"\\n\"">:$separator, UnitAttr:$reorder);
  let results = (outs XcsLLM_Text:$result);
  let assemblyFormat = "$format custom<TypedOperands>($values, type($values)) attr-dict";
  let hasFolder = 1; let hasVerifier = 1;
}

def XcsLLM_ParseResponseOp : XcsLLM_NamedOp<"parse_response", "parsed", [Pure]> {
  let summary = "reads a value out of a response";
  let description = [{
    `text` trims; `number` takes the last number; `boolean` the first of the
    words yes, no, true and false; `choice` the index of the earliest of
    `choices`; `json` what an RFC 6901 pointer selects in the first JSON value;
    `regex` group 1, or the whole match, of an RE2 pattern. A response that
    cannot be read so is `otherwise`, or else a failure. No effects. Example:
    `%v = xcs_llm.parse_response %r as json "/score" : f64`
  }];
  let arguments = (ins XcsLLM_Text:$response, XcsLLM_ParseFormatAttr:$format,
    OptionalAttr<StrAttr>:$selector, OptionalAttr<StrArrayAttr>:$choices,
    OptionalAttr<AnyAttr>:$otherwise, OptionalAttr<NonNegativeI64>:$expected_output_tokens);
  let results = (outs XcsLLM_Value:$result);
  let assemblyFormat = "$response `as` `` $format ($selector^)? attr-dict `:` type($result)";
  let hasFolder = 1; let hasVerifier = 1;
}

// What may be said of a call beside its request.
defvar CallArguments = (ins UnitAttr:$cacheable, UnitAttr:$no_reuse,
  DefaultValuedOptionalAttr<BoolAttr, "true">:$batch_compatible,
  DefaultValuedOptionalAttr<BoolAttr, "true">:$fusion_compatible,
  OptionalAttr<ShareF64>:$min_quality, OptionalAttr<ShareF64>:$hit_rate,
  OptionalAttr<StrAttr>:$quality_task, OptionalAttr<XcsLLM_EstimateAttr>:$estimate,
  OptionalAttr<XcsLLM_ServiceTierAttr>:$service_tier);

// A conversation and how to sample its continuation.
defvar SampledCallArguments = !con((ins OptionalAttr<StrAttr>:$model,
  Variadic<XcsLLM_Text>:$messages, XcsLLM_RoleArrayAttr:$roles,
  OptionalAttr<PositiveI64>:$n, OptionalAttr<NonNegativeF64>:$temperature,
  OptionalAttr<ShareF64>:$top_p, OptionalAttr<PositiveI64>:$max_tokens,
  OptionalAttr<StrArrayAttr>:$stop, OptionalAttr<I64Attr>:$seed,
  OptionalAttr<StrAttr>:$response_schema,
  OptionalAttr<NonNegativeI64>:$expected_output_tokens), CallArguments);

// A deterministic call has no effects, a sampled one allocates on its own
// result; none is speculatable, as each costs money.
class XcsLLM_CallOp<string mnemonic, string resultName, list<string> interfaceMethods>
    : XcsLLM_NamedOp<mnemonic, resultName, [
        DeclareOpInterfaceMethods<LLMCallOpInterface, interfaceMethods>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]>;

def XcsLLM_GenerateOp : XcsLLM_CallOp<"generate", "response", ["getSampleCount"]> {
  let summary = "asks a model to continue a conversation";
  let description = [{
    One message from the user, or messages with roles. `n` asks for that many
    samples of one request, as a list. Without a model, model selection must
    choose one. Deterministic at temperature 0 unless `no_reuse`: no effects;
    else sampled: allocates on its own result. Fails if the request does. Example:
    `%r = xcs_llm.generate "gpt-4o" (system %s, user %p) {temperature = 0.0 : f64} : !xcs_llm.text`
  }];
  let arguments = SampledCallArguments;
  let results = (outs AnyTypeOf<[XcsLLM_Text, 1DTensorOf<[XcsLLM_Text]>]>:$result);
  let assemblyFormat = "($model^)? custom<Messages>($messages, $roles) attr-dict `:` type($result)"; let hasVerifier = 1;
}

def XcsLLM_EmbedOp : XcsLLM_CallOp<"embed", "embedding", ["isDeterministic"]> {
  let summary = "embeds a text";
  let description = [{
    Deterministic unless `no_reuse`: no effects. Fails if the request does. Example:
    `%e = xcs_llm.embed "text-embedding-3-small" (%t) : tensor<1536xf32>`
  }];
  let arguments = !con((ins OptionalAttr<StrAttr>:$model, XcsLLM_Text:$input), CallArguments);
  let results = (outs ConfinedType<TensorRankOf<[F32], [1]>, [HasStaticShapePred], "embedding">:$result);
  let assemblyFormat = "($model^)? ` ` `(` $input `)` attr-dict `:` type($result)";
}

def XcsLLM_ScoreOp : XcsLLM_CallOp<"score", "score", ["getSampleCount"]> {
  let summary = "asks a model to judge";
  let description = [{
    The degree, 0 to 1, to which the model answers yes; with `labels`, their
    probabilities. Parameters and effects are those of `generate`. Example:
    `%s = xcs_llm.score "gpt-4o-mini" (%p) {labels = ["a", "b"]} : tensor<2xf64>`
  }];
  let arguments = !con(SampledCallArguments, (ins OptionalAttr<StrArrayAttr>:$labels));
  let results = (outs AnyTypeOf<[F64, RankedTensorOf<[F64]>]>:$result);
  let assemblyFormat = "($model^)? custom<Messages>($messages, $roles) attr-dict `:` type($result)"; let hasVerifier = 1;
}

// Regions of some may not call impure tools, which is checked with the symbols.
defvar ChecksTools = [DeclareOpInterfaceMethods<SymbolUserOpInterface>];

// Regions of one block that end in `yield`.
class XcsLLM_ControlOp<string mnemonic, string resultName, list<Trait> traits = [], list<string> branchMethods = []>
    : XcsLLM_NamedOp<mnemonic, resultName, [
        DeclareOpInterfaceMethods<RegionBranchOpInterface, branchMethods # ["getRegionInvocationBounds"]>, SingleBlock,
        RecursiveMemoryEffects, RecursivelySpeculatable] # traits> {
  let results = (outs Variadic<AnyType>:$results);
  let hasRegionVerifier = 1;
}

def XcsLLM_BatchOp : XcsLLM_ControlOp<"batch", "responses", ChecksTools> {
  let summary = "runs its body for each item of lists";
  let description = [{
    Items are independent; requests that are ready at the same time go out
    together, up to `batch_size`. An argument is one item of its list; a yielded
    `T` becomes a list of `T`. What the body captures is the same for each item.
    A verdict, one flag more than there are results, filters. A failed item
    stays in its place. Effects are those of the body. Example:

        %rs = xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) -> tensor<2x!xcs_llm.text> {
          %r = xcs_llm.generate "gpt-4" (%p) : !xcs_llm.text
          xcs_llm.yield %r : !xcs_llm.text
        } {batch_size = 2 : i64}
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$lists, OptionalAttr<PositiveI64>:$batch_size);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "custom<BatchBody>($lists, type($lists), type($results), $body) attr-dict";
  let extraClassDeclaration = "void getAsmBlockArgumentNames(::mlir::Region &, ::mlir::OpAsmSetValueNameFn);";
}

def XcsLLM_EnsembleOp : XcsLLM_ControlOp<"ensemble", "answer", ChecksTools> {
  let summary = "runs members in parallel and decides between their values";
  let description = [{
    `all` lists every member's value, `majority` takes the most frequent
    (at least `quorum` votes), `first` the first accepted, `best` that with the
    highest `f64` score, which members yield behind their results. `waves`
    starts members in waves, the next only if the vote is not settled, or not
    decided with `confidence`. A failed or rejected member has no value. Hint:
    `agreement`, the expected share of the winning value. Effects are those of
    the members. Example:

        %v = xcs_llm.ensemble majority quorum 2 -> i1 {
          xcs_llm.yield %a : i1
        }, {
          xcs_llm.yield %b : i1
        }
  }];
  let arguments = (ins XcsLLM_EnsemblePolicyAttr:$policy, OptionalAttr<PositiveI64>:$quorum,
    OptionalAttr<DenseI64ArrayAttr>:$waves, OptionalAttr<ShareF64>:$confidence,
    OptionalAttr<ShareF64>:$agreement);
  let regions = (region VariadicRegion<SizedRegion<1>>:$members); let hasVerifier = 1;
  let assemblyFormat = [{
    `` $policy `` custom<Quorum>($quorum) `` custom<ArrowTypes>(type($results)) $members attr-dict
  }];
  let extraClassDeclaration = [{
    /// Whether each member runs exactly once whenever the ensemble runs.
    bool runsEveryMember();
  }];
}

def XcsLLM_CascadeOp : XcsLLM_ControlOp<"cascade", "result", ChecksTools> {
  let summary = "tries stages in order until one is accepted";
  let description = [{
    A stage with a failed value or a false verdict hands over to the next; the
    last stage's verdict is ignored. `attempts` lets each stage stand for that
    many equal stages. Hint: `accept_rate`. Effects are those of the stages. Example:

        %v = xcs_llm.cascade -> !xcs_llm.text {
          xcs_llm.yield %draft, %good : !xcs_llm.text, i1
        }, {
          xcs_llm.yield %fallback : !xcs_llm.text
        }
  }];
  let arguments = (ins OptionalAttr<DenseI64ArrayAttr>:$attempts,
    OptionalAttr<DenseF64ArrayAttr>:$accept_rate);
  let regions = (region VariadicRegion<SizedRegion<1>>:$stages); let hasVerifier = 1;
  let assemblyFormat = "`` custom<ArrowTypes>(type($results)) $stages attr-dict";
  let extraClassDeclaration = [{
    /// How many times the stage of this index may run.
    int64_t getStageAttempts(unsigned index);
  }];
}

def XcsLLM_ChainOp : XcsLLM_ControlOp<"chain", "result", [ForwardsYields]> {
  let summary = "a sequence with its own constraints, placed together";
  let description = [{
    Fails on exceeding `deadline_ms` or `budget_usd`; no request starts that
    would. Effects are those of the body. Example:

        %v = xcs_llm.chain -> !xcs_llm.text {
          %r = xcs_llm.generate "gpt-4" (%p) : !xcs_llm.text
          xcs_llm.yield %r : !xcs_llm.text
        } {deadline_ms = 4000.0 : f64}
  }];
  let arguments = (ins OptionalAttr<PositiveF64>:$deadline_ms, OptionalAttr<NonNegativeF64>:$budget_usd);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`` custom<ArrowTypes>(type($results)) $body attr-dict";
}

def XcsLLM_ConditionalOp : XcsLLM_ControlOp<"conditional", "result", [ForwardsYields], ["getEntrySuccessorRegions"]> {
  let summary = "runs one of two branches";
  let description = [{
    Fails if the condition has failed. Hint: `probability` of the first branch.
    Effects are those of the branches. Example:

        %v = xcs_llm.conditional %good -> !xcs_llm.text {
          xcs_llm.yield %draft : !xcs_llm.text
        } else {
          xcs_llm.yield %apology : !xcs_llm.text
        }
  }];
  let arguments = (ins I1:$condition, OptionalAttr<ShareF64>:$probability);
  let regions = (region SizedRegion<1>:$then_region, SizedRegion<1>:$else_region);
  let assemblyFormat = [{
    $condition `` custom<ArrowTypes>(type($results)) $then_region `else` $else_region attr-dict
  }];
}

def XcsLLM_YieldOp : XcsLLM_Op<"yield", [Pure, Terminator,
    ParentOneOf<["BatchOp", "EnsembleOp", "CascadeOp", "ChainOp", "ConditionalOp"]>,
    DeclareOpInterfaceMethods<RegionBranchTerminatorOpInterface, ["getMutableSuccessorOperands"]>]> {
  let summary = "gives a region's values, and its verdict";
  let description = [{
    In a batch, an ensemble or a cascade, one flag more than there are results
    is the region's verdict; a failed verdict rejects. No effects. Example:
    `xcs_llm.yield %answer, %accepted : !xcs_llm.text, i1`
  }];
  let arguments = (ins Variadic<AnyType>:$values); let hasVerifier = 1;
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

// Both allocate on their own result: unused they go, equal ones stay.
class XcsLLM_CacheOp<string mnemonic, list<Trait> traits = []> : XcsLLM_NamedOp<mnemonic, "cached", traits> {
  let results = (outs Res<AnyType, "", [MemAlloc]>:$result);
}
defvar CacheArguments = (ins Variadic<XcsLLM_Text>:$keys, StrAttr:$fingerprint,
  OptionalAttr<PositiveF64>:$ttl_s, OptionalAttr<StrAttr>:$scope);

def XcsLLM_CacheLookupOp : XcsLLM_CacheOp<"cache_lookup"> {
  let summary = "an answer kept from an earlier request";
  let description = [{
    Fails on a miss. The fingerprint stands for all of the request but its
    messages, which are the operands. Allocates on its own result. Example:
    `%v = xcs_llm.cache_lookup "gpt-4o/0" (%p) : !xcs_llm.text`
  }];
  let arguments = CacheArguments;
  let assemblyFormat = "$fingerprint ` ` `(` $keys `)` attr-dict `:` type($result)";
}

def XcsLLM_CacheStoreOp : XcsLLM_CacheOp<"cache_store", [AllTypesMatch<["value", "result"]>]> {
  let summary = "keeps an answer, and gives it on";
  let description = [{
    Stores no failure. Allocates on its own result. Example:
    `%w = xcs_llm.cache_store "gpt-4o/0" (%p), %v : !xcs_llm.text`
  }];
  let arguments = !con((ins AnyType:$value), CacheArguments);
  let assemblyFormat = "$fingerprint ` ` `(` $keys `)` `,` $value attr-dict `:` type($value)";
}

#endif // XCSLLM_DIALECT_OPS_TD
