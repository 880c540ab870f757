//===- xcs-run.cpp - Runs schedules ---------------------------------------===//

#include "XcsLLM/Tools/RunTool.h"

int main(int argc, char **argv) { return xcs::runSchedule(argc, argv); }
