//===- RunFiles.cpp - Files that options name ------------------------------===//

#include "RunFiles.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace xcs::runtime {

/// Equal for all names of one file, which need not be there yet; empty for what is none.
static std::string identify(StringRef path) {
  sys::fs::file_status status;
  if (!sys::fs::status(path, status)) {
    sys::fs::UniqueID id = status.getUniqueID();
    return sys::fs::is_regular_file(status)
               ? std::to_string(id.getDevice()) + ":" + std::to_string(id.getFile())
               : "";
  }
  StringRef folder = sys::path::parent_path(path);
  SmallString<128> place;
  if (sys::fs::real_path(folder.empty() ? "." : folder, place))
    place = folder;
  sys::path::append(place, sys::path::filename(path));
  return place.str().str();
}

Error checkFiles(ArrayRef<NamedFile> read, ArrayRef<NamedFile> written) {
  StringMap<std::string> names;
  auto add = [&](const NamedFile &file, bool mayBeThere) -> Error {
    std::string id = identify(file.path);
    auto [found, isNew] = names.try_emplace(id, file.name);
    if (isNew || mayBeThere || id.empty())
      return Error::success();
    return createStringError(file.name + " must be another file than " + found->second + " (got '" +
                             file.path + "')");
  };
  for (const NamedFile &file : read)
    if (Error error = add(file, /*mayBeThere=*/file.path != "-"))
      return error;
  for (const NamedFile &file : written)
    if (Error error = add(file, /*mayBeThere=*/false))
      return error;
  return Error::success();
}

} // namespace xcs::runtime
