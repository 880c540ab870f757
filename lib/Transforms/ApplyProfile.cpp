//===- ApplyProfile.cpp - Put what was measured into the program ----------===//

#include "HintWriter.h"
#include "PassRecord.h"
#include "XcsLLM/Transforms/Passes.h"

namespace xcs {
#define GEN_PASS_DEF_APPLYPROFILE
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct ApplyProfile : xcs::impl::ApplyProfileBase<ApplyProfile> {
  using ApplyProfileBase::ApplyProfileBase;

  /// The file alone will do: `--xcs-apply-profile=FILE`.
  LogicalResult
  initializeOptions(StringRef options,
                    function_ref<LogicalResult(const Twine &)> errorHandler) override {
    if (options.empty() || options.starts_with("file="))
      return ApplyProfileBase::initializeOptions(options, errorHandler);
    file = options.str();
    return success();
  }

  LogicalResult initialize(MLIRContext *context) override {
    llvm::Expected<Profile> read = loadProfile(file);
    if (!read)
      return emitError(UnknownLoc::get(context)) << llvm::toString(read.takeError());
    profile = std::make_shared<const Profile>(std::move(*read));
    return success();
  }

  void runOnOperation() override {
    HintWriter writer(getOperation());
    writer.apply(*profile);
    if (writer.hasChanged())
      recordPass(getOperation(), getArgument());
    else
      markAllAnalysesPreserved();
  }

private:
  std::shared_ptr<const Profile> profile;
};
} // namespace
