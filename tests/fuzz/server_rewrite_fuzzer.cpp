// SPDX-License-Identifier: Apache-2.0
// -DMAJED_FUZZ_ORACLE: Oracle's dialect, else PostgreSQL's.
#if defined(MAJED_FUZZ_ORACLE)
#include "fuzz/oracle_rewrite_oracle.h"
#else
#include "fuzz/postgres_rewrite_oracle.h"
#endif

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
#if defined(MAJED_FUZZ_ORACLE)
    static majed::fuzz::OracleRewriteOracle oracle;
#else
    static majed::fuzz::PostgresRewriteOracle oracle;
#endif
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const std::string broken = oracle.check(text);
    if (broken.empty()) return 0;
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
}
