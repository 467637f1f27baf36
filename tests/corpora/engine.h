/// SQLite itself as a judge: what it says about a statement when it compiles it, without running it.
///
/// Why      The engine's own authorizer and its compiled program are the truth our reading is held to.
/// Life     Owns one in-memory database.
/// Threads  One thread at a time.
/// Not here Verdicts recorded earlier (corpus.h); enforcement (src/driver/sqlite).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3;

namespace majed::corpora {

struct EngineRead {
    std::string database;  ///< Empty when no column was read: `table` is then the name as written.
    std::string table;
    std::string column;
    friend auto operator<=>(const EngineRead&, const EngineRead&) = default;
};

struct Compiled {
    bool accepted = false;
    bool readonly = false;
    bool whole_text = false;  ///< Nothing but white space and comments stood behind the statement.
    std::string error;
    std::set<EngineRead> reads;
};

class Engine {
public:
    /// An empty database in memory, in which `schema` was run as far as it goes.
    explicit Engine(const std::string& schema);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    /// Compiles the first statement of `sql`.
    [[nodiscard]] Compiled compile(std::string_view sql);
    /// `schema.table`, lower case, of every b-tree that the compiled program opens; `?` for one that belongs to no table.
    [[nodiscard]] std::set<std::string> opened(std::string_view sql);
    /// The compiled program as text, one instruction per line; empty when it does not compile.
    [[nodiscard]] std::string program(std::string_view sql);
    /// All rows as text, NULL as an empty cell; empty on error.
    [[nodiscard]] std::vector<std::vector<std::string>> rows(std::string_view sql);

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };
    std::unique_ptr<sqlite3, Close> database_;
    std::map<std::pair<std::string, std::string>, std::string>
        roots_;  // (database number, root page) -> table
};

}  // namespace majed::corpora
