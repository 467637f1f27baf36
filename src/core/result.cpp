// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

#include <cstdio>
#include <cstdlib>

namespace majed {

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    std::fprintf(stderr, "%s:%u: value() taken from an error: %s\n", where.file_name(),
                 static_cast<unsigned>(where.line()), error.message.c_str());
    std::abort();
}

}  // namespace majed
