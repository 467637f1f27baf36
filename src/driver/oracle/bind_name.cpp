// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/bind_name.h"

#include "core/ascii.h"

#include <algorithm>
#include <cstddef>

namespace majed::driver::oracle {

std::string spelled_bind_name(std::string_view sql, std::string_view name) {
    if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return {};
    }
    for (std::size_t colon = sql.find(':'); colon != std::string_view::npos;
         colon = sql.find(':', colon + 1)) {
        const std::string_view spelled = sql.substr(colon + 1, name.size());
        if (equal_ascii_case(spelled, name)) {
            return std::string(spelled);
        }
    }
    return std::string(name);
}

}  // namespace majed::driver::oracle
