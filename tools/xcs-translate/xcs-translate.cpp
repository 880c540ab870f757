//===- xcs-translate.cpp - The exporter -----------------------------------===//

#include "XcsLLM/InitAll.h"
#include "XcsLLM/Tools/Tools.h"

int main(int argc, char **argv) {
  xcs::ExportOptions options;
  xcs::registerAllTranslations(options);
  return xcs::runTranslate(argc, argv, "XcsLLM exporter\n", options);
}
