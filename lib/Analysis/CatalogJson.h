//===- CatalogJson.h - Catalogs as JSON -------------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_ANALYSIS_CATALOGJSON_H
#define XCSLLM_LIB_ANALYSIS_CATALOGJSON_H

#include "XcsLLM/Analysis/Catalog.h"

namespace xcs {

/// What a file says, aliases not yet followed.
struct CatalogFile {
  struct Alias {
    std::string name, target;
    bool hasFigures; ///< whether it says more than whose alias it is
  };
  llvm::StringMap<ModelEntry> entries; ///< those of aliases too
  std::vector<Alias> aliases;          ///< in the order of the file
};

/// Reads the JSON text of the file that errors call `file`.
llvm::Expected<CatalogFile> readCatalogFile(llvm::StringRef json, llvm::StringRef file);

/// `FILE: entry "NAME": field "FIELD": RULE`, the field left out if empty.
llvm::Error makeEntryError(llvm::StringRef file, llvm::StringRef entry, llvm::StringRef field,
                           const llvm::Twine &rule);
/// The start of a text, quoted and escaped.
std::string quoteForError(llvm::StringRef text);

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_CATALOGJSON_H
