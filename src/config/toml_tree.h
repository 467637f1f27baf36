/// A TOML text as a tree of our own nodes, each with its line, with `${NAME}` replaced.
///
/// Why      The TOML library stays in one source file; everything else sees plain values.
/// Life     Values; a tree is complete before it is read.
/// Threads  Any.
/// Not here Includes and merging (reading.h), types of keys (document.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace majed::config {

struct Node {
    enum class Kind {
        text,
        flag,
        integer,
        other,   ///< Floats, dates and times: no key takes one.
        broken,  ///< A mistake about it is recorded already.
        array,
        table
    };
    Kind kind = Kind::table;
    std::size_t file = 0;  ///< Index into Reading::files.
    std::size_t line = 0;
    std::string text = {};
    bool typeless = false;  ///< Text that came from outside of TOML and may stand for any type.
    bool flag = false;
    std::int64_t integer = 0;
    std::vector<Node> items = {};
    std::map<std::string, Node, std::less<>> members = {};
};

/// Something wrong at a line of a file; line 0: not in a file.
struct Mistake {
    std::size_t file = 0;
    std::size_t line = 0;
    std::string text;  ///< `server.listen: expected ...`
};

struct TomlSource {
    std::string_view text;
    std::string name;  ///< For messages.
    std::size_t file = 0;
};

/// Errors: invalid_argument (syntax), with name and line. Bad `${...}` become mistakes.
[[nodiscard]] Result<Node> parse_toml(const TomlSource& source, const TextMap& environment,
                                      std::vector<Mistake>& mistakes);

/// `${NAME}` and `${NAME:default}` replaced, `$${` for a plain `${`. Errors: invalid_argument.
[[nodiscard]] Result<std::string> replace_variables(std::string_view text, const TextMap& environment);

}  // namespace majed::config
