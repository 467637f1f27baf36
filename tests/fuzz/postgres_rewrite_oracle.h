/// Says whether what is sent to PostgreSQL of one text holds it to the rules; the fuzzer and its seeds share it.
///
/// Why      PostgreSQL's own parser reads what is sent, and rules written by hand say what must stand where: neither our
///          parser nor our compiler is asked.
/// Life     Owns a small governed server.
/// Threads  One thread at a time.
/// Not here Making texts (libFuzzer), running statements (tests/governed).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/governed_server.h"
#include "fuzz/postgres_rules.h"

#include <string>
#include <string_view>

namespace majed::fuzz {

class PostgresRewriteOracle {
public:
    PostgresRewriteOracle();

    /// Empty: kept, or refused; else what was broken.
    [[nodiscard]] std::string check(std::string_view text);
    /// How many texts were sent so far.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }

private:
    [[nodiscard]] std::string check(std::string_view text, Principal principal);

    GovernedServer server_;
    PostgresRules rules_;
    std::size_t sent_ = 0;
};

}  // namespace majed::fuzz
