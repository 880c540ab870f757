//===- Export.h - Formats that programs are written to ----------*- C++ -*-===//

#ifndef XCSLLM_EXPORT_EXPORT_H
#define XCSLLM_EXPORT_EXPORT_H

namespace xcs {

/// Registers `--xcs-to-schedule`, the cloud scheduler's JSON.
void registerScheduleTranslation();

} // namespace xcs

#endif // XCSLLM_EXPORT_EXPORT_H
