//===- SampleIds.cpp - Which sample is which ------------------------------===//

#include "XcsLLM/Analysis/SampleIds.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace mlir;
using namespace xcs;

ArrayRef<int64_t> xcs::getSampleIds(Operation *call) {
  auto ids = call->getAttrOfType<DenseI64ArrayAttr>(sampleIdsName);
  return ids ? ids.asArrayRef() : ArrayRef<int64_t>();
}

void xcs::setSampleIds(Operation *call, ArrayRef<int64_t> ids) {
  if (ids.empty())
    call->removeAttr(sampleIdsName);
  else
    call->setAttr(sampleIdsName, DenseI64ArrayAttr::get(call->getContext(), ids));
}

SmallVector<int64_t> xcs::joinSampleIds(ArrayRef<ArrayRef<int64_t>> lists,
                                        ArrayRef<int64_t> chunks) {
  SmallVector<int64_t> joined;
  if (lists.empty() || chunks.front() <= 0)
    return joined;
  size_t rounds = lists.front().size() / chunks.front();
  for (auto [list, chunk] : llvm::zip_equal(lists, chunks))
    if (chunk <= 0 || list.empty() || list.size() != rounds * chunk)
      return joined;
  for (size_t round = 0; round < rounds; ++round)
    for (auto [list, chunk] : llvm::zip_equal(lists, chunks))
      llvm::append_range(joined, list.slice(round * chunk, chunk));
  return joined;
}

std::vector<SmallVector<int64_t>> xcs::splitSampleIds(ArrayRef<int64_t> ids,
                                                      ArrayRef<int64_t> sizes) {
  std::vector<SmallVector<int64_t>> parts(sizes.size());
  size_t chunk = std::accumulate(sizes.begin(), sizes.end(), int64_t(0));
  if (chunk == 0 || ids.size() % chunk != 0)
    return parts;
  while (!ids.empty())
    for (auto [part, size] : llvm::zip_equal(parts, sizes)) {
      llvm::append_range(part, ids.take_front(size));
      ids = ids.drop_front(size);
    }
  return parts;
}
