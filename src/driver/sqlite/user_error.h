/// What a user may read of the engine's complaints.
///
/// Why      SQLite's texts carry names of schemas, guards and, at run time, bits of data.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Errors of the program's own files: native_error.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "driver/sqlite/guard_index.h"

#include <optional>
#include <string>
#include <string_view>

namespace majed::driver::sqlite {

/// The table that views over shadowed names read, and that never exists.
[[nodiscard]] std::string shadow_target(const GuardSet& guard);

/// A statement that did not compile. SQLite's text is kept only when it names nothing hidden.
[[nodiscard]] Error compile_error(int native, std::string_view text, const GuardIndex& index);

/// A statement that failed while running; one of a fixed list of texts.
[[nodiscard]] Error run_error(int native, std::string_view text);

/// A write that met a constraint of the table, or a row that it may not touch: which of the two it was is not told.
/// nullopt: it failed for another reason.
[[nodiscard]] std::optional<Error> constraint_error(int native, std::string_view text, const GuardSet& guard);

}  // namespace majed::driver::sqlite
