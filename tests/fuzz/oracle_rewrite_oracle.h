/// Says whether what is sent to Oracle of one text holds it to the rules; the fuzzer and its seeds share it.
///
/// Why      Nobody's parser of Oracle can be asked: the words of what is sent are held against rules written by hand.
/// Life     Owns a small governed server.
/// Threads  One thread at a time.
/// Not here Making texts (libFuzzer), PostgreSQL (postgres_rewrite_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/governed_server.h"
#include "fuzz/postgres_rules.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace majed::fuzz {

class OracleRewriteOracle {
public:
    OracleRewriteOracle();

    /// Empty: kept, or refused; else what was broken.
    [[nodiscard]] std::string check(std::string_view text);
    /// How many texts were sent so far.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }

private:
    [[nodiscard]] std::string check(std::string_view text, Principal principal);

    GovernedServer server_;
    std::size_t sent_ = 0;
};

}  // namespace majed::fuzz
