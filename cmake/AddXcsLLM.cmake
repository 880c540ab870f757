# The one wrapper through which libraries of this project are added. They link the dylibs
# of MLIR and LLVM, as archives beside them would register everything twice. Those with
# NO_MLIR link LLVM's archive instead, which starts in a third of the time, into
# executables that ask for no more than that (use_llvm_support).
function(add_xcsllm_library name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "LINK_LIBS;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  if(ARG_NO_MLIR)
    target_link_libraries(${name} PUBLIC
      $<IF:$<BOOL:$<TARGET_PROPERTY:USES_LLVM_SUPPORT>>,LLVMSupport,LLVM>)
  else()
    target_link_libraries(${name} PUBLIC MLIR LLVM)
  endif()
  target_include_directories(${name} INTERFACE $<INSTALL_INTERFACE:include>)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  install(TARGETS ${name} EXPORT XcsLLMTargets ARCHIVE DESTINATION lib)
endfunction()

# Puts the text file `input` into `target`'s sources as C++ string literals, to be
# included as `name`.
function(embed_text target input name)
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake)
  add_custom_command(OUTPUT ${name}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${name} -P ${script}
    DEPENDS ${input} ${script} VERBATIM)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${name})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()

# A tool, built into bin/ and installed.
function(add_xcsllm_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# Has executables that know no MLIR link what they need of LLVM, and no more.
function(use_llvm_support)
  set_target_properties(${ARGN} PROPERTIES USES_LLVM_SUPPORT ON LINK_OPTIONS LINKER:--as-needed)
endfunction()
