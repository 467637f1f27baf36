/// Files of ../shared/corpora, beside the project: scripts that others wrote.
///
/// Why      Our own examples know only what we thought of.
/// Life     Values.
/// Threads  Pure but for reading files.
/// Not here Judging them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::splitting {

/// Empty when the folder is there, else what is missing; for GTEST_SKIP.
[[nodiscard]] std::string corpora_missing();

/// `path` within the corpora. Empty when there is none.
[[nodiscard]] std::string read_sample(std::string_view path);

/// The pieces of a golden file.
[[nodiscard]] std::vector<std::string> read_golden(std::string_view name);

/// Every `sql` of a corpus whose member `accepted` is true.
[[nodiscard]] std::vector<std::string> read_statements(std::string_view corpus, const char* accepted);

/// Names of files in `schemas` that are SQLite's.
[[nodiscard]] std::vector<std::string> sqlite_schemas();

}  // namespace majed::splitting
