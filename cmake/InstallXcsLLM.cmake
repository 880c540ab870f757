# What `cmake --install` lays down beside the libraries and tools: headers, .td
# files, what is generated from them, and the package that find_package finds.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(DIRECTORY include/XcsLLM ${PROJECT_BINARY_DIR}/include/XcsLLM
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc" PATTERN CMakeFiles EXCLUDE)

# Compiled in; to look at, and to start one's own from.
install(FILES share/xcs-llm/catalog.json DESTINATION ${CMAKE_INSTALL_DATADIR}/xcs-llm)

set(package lib/cmake/XcsLLM)
install(EXPORT XcsLLMTargets NAMESPACE XcsLLM:: DESTINATION ${package})
configure_package_config_file(cmake/XcsLLMConfig.cmake.in cmake/XcsLLMConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(cmake/XcsLLMConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/XcsLLMConfig.cmake
  ${PROJECT_BINARY_DIR}/cmake/XcsLLMConfigVersion.cmake DESTINATION ${package})
