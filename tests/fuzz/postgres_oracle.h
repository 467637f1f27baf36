/// Says whether the parser kept its promises about one text of PostgreSQL or Oracle; the fuzzer and its seeds share it.
///
/// Why      PostgreSQL's own parser can be asked what it makes of the same text.
/// Life     Free functions.
/// Threads  One thread at a time.
/// Not here Making texts (libFuzzer), SQLite (statement_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::fuzz {

/// What we parse, query or write, PostgreSQL 15 parses; it names no table that we did not see and writes to the table that we
/// say; every span parsed alone gives its node again. Empty: kept; else what was broken. Source of the judge: libpg_query.
[[nodiscard]] std::string check_postgres_parse(std::string_view text);

/// As check_postgres_parse, but nobody can be asked about Oracle: bounds and spans alone.
[[nodiscard]] std::string check_oracle_parse(std::string_view text);

}  // namespace majed::fuzz
