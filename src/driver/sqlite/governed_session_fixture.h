/// A small source with something to hide, its guard, and statements on it; for tests only.
///
/// Why      Sessions take authorized statements only, which elsewhere nobody but gateway/ can make.
/// Life     Owns the file.
/// Threads  One.
/// Not here Any use outside tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/session.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/governed_session.h"
#include "driver/sqlite/temporary_directory.h"

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace majed::gateway {

/// Stands in for the real one, which is in a library that these tests do not link.
class StatementAuthorizer {
public:
    struct Claim {
        std::string sql;
        std::vector<std::string> guard_views;
        std::vector<std::string> local_names = {};
        bool uses_json_tables = false;
        std::uint64_t generation = 1;
        std::optional<driver::WriteGrant> write = {};
    };
    static driver::AuthorizedStatement make(Claim claim) {
        static std::uint64_t last_id = 0;
        driver::AuthorizedStatement statement;
        statement.id_ = ++last_id;
        statement.generation_ = claim.generation;
        statement.sql_ = std::move(claim.sql);
        statement.guard_views_ = std::move(claim.guard_views);
        statement.local_names_ = std::move(claim.local_names);
        statement.uses_json_tables_ = claim.uses_json_tables;
        statement.write_ = std::move(claim.write);
        return statement;
    }
};

}  // namespace majed::gateway

namespace majed::driver::sqlite {

using Claim = gateway::StatementAuthorizer::Claim;

class CollectedRows final : public RowSink {
public:
    Result<void> row(std::span<const ValueView> cells) override {
        std::vector<Value> owned;
        for (const ValueView& cell : cells) {
            owned.push_back(to_owned(cell));
        }
        rows.push_back(std::move(owned));
        return {};
    }
    std::vector<std::vector<Value>> rows;
};

/// employees 1..8: odd in EU, even in US, those marked LEAK. departments 1..2. blocked: nobody may see.
class GuardedSource {
public:
    explicit GuardedSource(const std::string& file_name = "source.db") : path_(directory_.file(file_name)) {
        execute(
            "CREATE TABLE employees(id INTEGER PRIMARY KEY, name TEXT, region TEXT, salary INT, secret TEXT,"
            " dept INT);"
            "CREATE INDEX employees_secret ON employees(secret);"
            "CREATE TABLE departments(id INTEGER PRIMARY KEY, title TEXT, secret TEXT);"
            "CREATE TABLE blocked(id INTEGER PRIMARY KEY, secret TEXT);"
            "CREATE TABLE \"odd \"\"name\"(a); CREATE VIEW everyone AS SELECT * FROM employees;"
            "CREATE VIRTUAL TABLE notes USING fts5(body); INSERT INTO notes VALUES('LEAK note');"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<8)"
            " INSERT INTO employees SELECT i, 'name' || i, CASE i%2 WHEN 0 THEN 'US' ELSE 'EU' END, 1000*i,"
            " CASE i%2 WHEN 0 THEN 'LEAK' ELSE 'seen' END || i, i%2+1 FROM n;"
            "INSERT INTO departments VALUES(1,'Sales','seen1'),(2,'Works','seen2');"
            "INSERT INTO blocked VALUES(1,'LEAK blocked'); ANALYZE;");
    }

    void execute(const std::string& sql) {
        auto database = Database::open(path_, OpenMode::create);
        if (!database || !database->execute("PRAGMA synchronous=OFF; " + sql)) {
            std::abort();
        }
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const TemporaryDirectory& directory() const noexcept { return directory_; }

    [[nodiscard]] static GuardSet guard() {
        GuardSet guard;
        guard.generation = 1;
        guard.secret_prefix = "mvq7f3";
        guard.base_schema = "mvq7f3_base";
        guard.attribute_function = "mvq7f3_attribute";
        guard.attribute_list_function = "mvq7f3_list";
        guard.hash_function = "mvq7f3_hash";
        guard.conflict_function = "mvq7f3_conflict_met";
        guard.hash_key.assign(32, 7);
        guard.views = {
            {"mvq7f3_employees",
             "SELECT id, name, region, salary, CAST(mvq7f3_hash(secret) AS TEXT) AS secret, dept"
             " FROM \"mvq7f3_base\".\"employees\""
             " WHERE region IN (SELECT value FROM json_each(mvq7f3_list('regions')))",
             "employees",
             {"employees"},
             true},
            {"mvq7f3_departments",
             "SELECT id, title FROM \"mvq7f3_base\".\"departments\"",
             "departments",
             {"departments"},
             false},
            {"mvq7f3_own",
             "SELECT id, name FROM \"mvq7f3_base\".\"employees\" WHERE region = mvq7f3_attribute('region')",
             "employees",
             {"employees"},
             false},
            {"mvq7f3_masked",
             "SELECT NULL AS secret FROM \"mvq7f3_base\".\"departments\"",
             "departments",
             {"departments"},
             false},
            {"mvq7f3_conflict", "SELECT mvq7f3_conflict_met() AS failing", "", {}, false},
        };
        guard.shadowed = {"employees", "departments",   "blocked",       "odd \"name",
                          "everyone",  "notes",         "notes_content", "notes_data",
                          "notes_idx", "notes_docsize", "notes_config",  "sqlite_stat1"};
        guard.functions = {"count",        "sum",      "max",   "min",        "group_concat", "abs",
                           "json_extract", "json",     "like",  "hex",        "replace",      "printf",
                           "length",       "coalesce", "lower", "row_number", "->>"};
        return guard;
    }

    [[nodiscard]] std::unique_ptr<GovernedSession> open() const { return open_with(guard()); }

    [[nodiscard]] std::unique_ptr<GovernedSession> open_to_write() const {
        return open_with(guard(), Access::read_write);
    }

    [[nodiscard]] std::unique_ptr<GovernedSession> open_with(GuardSet guard,
                                                             Access access = Access::read_only) const {
        auto session = GovernedSession::open(path_, std::make_shared<const GuardSet>(std::move(guard)),
                                             Deadline::max(), access);
        if (!session) {
            std::abort();
        }
        return std::move(*session);
    }

private:
    TemporaryDirectory directory_;
    std::string path_;
};

[[nodiscard]] inline AuthorizedStatement authorized(Claim claim) {
    return gateway::StatementAuthorizer::make(std::move(claim));
}

/// On both guard views of employees and departments.
[[nodiscard]] inline AuthorizedStatement authorized(std::string sql) {
    return authorized(Claim{std::move(sql), {"mvq7f3_employees", "mvq7f3_departments"}});
}

}  // namespace majed::driver::sqlite
