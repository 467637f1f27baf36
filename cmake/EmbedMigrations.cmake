# SPDX-License-Identifier: Apache-2.0
# cmake -DFILES=a.sql|b.sql -DHEADER=store/primary_migrations.h -DOUTPUT=x.cpp -P EmbedMigrations.cmake
#
# Characters one by one: a string literal would be bound by the compiler's limits and by escapes that run on.
string(REPLACE "|" ";" files "${FILES}")
list(SORT files)
set(arrays "")
set(rows "")
set(count 0)
foreach(file IN LISTS files)
  cmake_path(GET file FILENAME name)
  file(READ ${file} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(REPLACE "'\\x0a'," "'\\x0a',\n" bytes "${bytes}")
  string(APPEND arrays "constexpr std::array<char, ${size}> bytes_${count}{\n${bytes}};\n")
  string(APPEND rows "    {\"${name}\", {bytes_${count}.data(), bytes_${count}.size()}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/EmbedMigrations.cmake.
// SPDX-License-Identifier: Apache-2.0
#include \"${HEADER}\"

#include <array>

namespace majed::store {
namespace {

${arrays}
constexpr std::array<EmbeddedFile, ${count}> files{{
${rows}}};

}  // namespace

std::span<const EmbeddedFile> primary_migrations() noexcept {
    return files;
}

}  // namespace majed::store
")
