// SPDX-License-Identifier: Apache-2.0
// -DMAJED_FUZZ_ORACLE: Oracle's dialect, else PostgreSQL's.
#include "fuzz/postgres_oracle.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
#if defined(MAJED_FUZZ_ORACLE)
    const std::string broken = majed::fuzz::check_oracle_parse(text);
#else
    const std::string broken = majed::fuzz::check_postgres_parse(text);
#endif
    if (broken.empty()) return 0;
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
}
