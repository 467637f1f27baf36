/// A bare SQLite database in memory: what a statement answers when nothing stands between.
///
/// Why      Enforcement is right when its answer equals the plain answer on a copy with the policy applied.
/// Life     Owns its connection.
/// Threads  One thread at a time.
/// Not here Compiling without running (engine.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace majed::corpora {

/// One cell with its type, so that 1, 1.0 and '1' differ; reals to ten digits, since a sum depends on its order.
[[nodiscard]] std::string cell_text(const ValueView& cell);

struct Answer {
    enum class End { done, failed, too_heavy };
    End end = End::done;
    std::string error;
    std::vector<std::string> columns;
    std::vector<std::string> rows;  ///< Cells joined; call `sort` to compare without order.

    void sort();
    [[nodiscard]] bool same_rows(const Answer& other) const { return end == other.end && rows == other.rows; }
};

class PlainDatabase {
public:
    PlainDatabase();
    PlainDatabase(const PlainDatabase&) = delete;
    PlainDatabase& operator=(const PlainDatabase&) = delete;
    ~PlainDatabase();

    /// Runs every statement; false with `error()` set when one fails.
    bool execute(const std::string& sql);
    [[nodiscard]] std::string error() const;
    /// Rows sorted. Stops with too_heavy after a fixed number of the engine's steps.
    [[nodiscard]] Answer run(std::string_view sql);
    /// First cells of all rows, as text.
    [[nodiscard]] std::vector<std::string> list(std::string_view sql);

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace majed::corpora
