#include "XcsLLM/Export/Export.h"
void xcs::registerScheduleTranslation() {}
