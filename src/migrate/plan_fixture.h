/// Migrations and rows of a ledger made in a line, for the tests of the plan and of the reports.
///
/// Why      A table of every combination must be readable as a table.
/// Life     Values.
/// Threads  Values.
/// Not here Real files (migration_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/ledger_row.h"
#include "migrate/migration.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace majed::migrate {

inline Version version(std::string_view text) {
    auto parsed = Version::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? std::move(*parsed) : Version{};
}

/// Of so many statements, which differ from each other and between `variant`s.
inline Migration migration(const std::string& key, std::size_t statements = 3,
                           const std::string& variant = "") {
    Migration made;
    if (!key.starts_with("R__")) {
        made.version = version(key);
    }
    made.key = key;
    made.description = "about_" + key;
    made.file = key + "_a.sql";
    for (std::size_t i = 0; i < statements; ++i) {
        made.up.statements.push_back(
            {.text = "x", .tokens_digest = variant + "statement" + std::to_string(i)});
    }
    made.down = Script{};
    made.checksum = "bytes" + variant;
    made.tokens_checksum = "t1:tokens" + variant;
    return made;
}

/// As the runner writes it of `migration(key)`.
inline LedgerRow row(const std::string& key, LedgerState state = LedgerState::applied, std::int64_t id = 1) {
    return {.id = id,
            .version = key,
            .checksum = "bytes",
            .tokens_checksum = "t1:tokens",
            .state = state,
            .statements_total = 3,
            .statements_applied = state == LedgerState::applied ? 3U : 0U};
}

/// Stepwise, with so many of its statements applied and that one begun.
inline LedgerRow begun(LedgerState state, std::size_t applied, std::size_t statement_begun,
                       const std::string& key = "5") {
    LedgerRow made = row(key, state);
    made.statements_applied = applied;
    made.statement_begun = statement_begun;
    const Migration same = migration("1");  // Statements are the same under every key.
    made.progress_digest = progress_digest(std::span(same.up.statements).first(applied));
    return made;
}

}  // namespace majed::migrate
