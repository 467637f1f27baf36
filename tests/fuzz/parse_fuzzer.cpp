// SPDX-License-Identifier: Apache-2.0
#include "fuzz/statement_oracle.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static majed::fuzz::StatementOracle oracle;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    if (const std::string broken = oracle.check_parse(text); !broken.empty()) {
        std::fprintf(stderr, "%s\n", broken.c_str());
        std::abort();
    }
    if (const std::string broken = oracle.check_write(text); !broken.empty()) {
        std::fprintf(stderr, "%s\n", broken.c_str());
        std::abort();
    }
    return 0;
}
