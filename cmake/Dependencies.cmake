# SPDX-License-Identifier: Apache-2.0
# Every library we build on, from Debian packages only; docs/decisions/0001-dependencies.md says why each.

find_package(Threads REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(PkgConfig REQUIRED)

find_package(Boost 1.81 REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(GTest REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(fmt REQUIRED CONFIG)
find_package(simdjson REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)
find_package(tomlplusplus REQUIRED CONFIG)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)

# The header only: driver/oracle loads libodpic.so.4 when a source asks for it.
find_path(ODPI_INCLUDE_DIR dpi.h REQUIRED)
add_library(Odpi::headers INTERFACE IMPORTED)
target_include_directories(Odpi::headers SYSTEM INTERFACE ${ODPI_INCLUDE_DIR})

include(GoogleTest)
