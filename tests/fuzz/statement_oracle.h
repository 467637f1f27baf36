/// Says whether the SQL front end kept its promises about one text; the fuzzers and their seeds share it.
///
/// Why      A fuzzer that looks for crashes alone would miss a table read behind the policy's back.
/// Life     Owns two SQLite connections over one small schema and a compiled policy for it.
/// Threads  One thread at a time.
/// Not here Making texts (libFuzzer), running statements (tests/corpora).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace majed::fuzz {

class StatementOracle {
public:
    StatementOracle();
    StatementOracle(const StatementOracle&) = delete;
    StatementOracle& operator=(const StatementOracle&) = delete;
    ~StatementOracle();

    /// What we parse, SQLite parses, and every span lies in the text. Empty: kept; else what was broken.
    [[nodiscard]] std::string check_parse(std::string_view text);

    /// The same of writes; and what we resolve, SQLite accepts but for errors of meaning, reads no column that we did not
    /// find and writes none, but for those of our target.
    [[nodiscard]] std::string check_write(std::string_view text);

    /// What we accept after rewriting, SQLite accepts but for errors of meaning that only it can know; the
    /// statement reads base tables through guard views alone and opens no table those views do not account for.
    [[nodiscard]] std::string check_rewrite(std::string_view text);

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace majed::fuzz
