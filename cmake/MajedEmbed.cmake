# SPDX-License-Identifier: Apache-2.0

# majed_embed_migrations(TARGET majed_store FOLDER migrations/primary HEADER store/primary_migrations.h)
#
# Builds the *.sql files of FOLDER into TARGET, byte for byte, as majed::store::primary_migrations(). Made again when a file
# changes, comes or goes.
function(majed_embed_migrations)
  cmake_parse_arguments(PARSE_ARGV 0 E "" "TARGET;FOLDER;HEADER" "")
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedMigrations.cmake)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_migrations.cpp)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${E_FOLDER}/*.sql)
  # In the command itself, which a file that is gone changes too.
  list(JOIN files "|" named)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DFILES=${named} -DHEADER=${E_HEADER} -DOUTPUT=${source} -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Building ${E_FOLDER} into ${E_TARGET}"
    VERBATIM)
  target_sources(${E_TARGET} PRIVATE ${source})
  # For who reads the sources without building them, as the linter does: the target majed_generated.
  add_custom_target(${E_TARGET}_embedded DEPENDS ${source})
  if(NOT TARGET majed_generated)
    add_custom_target(majed_generated)
  endif()
  add_dependencies(majed_generated ${E_TARGET}_embedded)
endfunction()
