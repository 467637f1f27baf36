/// Where a command reads and writes, and how it asks for a password.
///
/// Why      Commands are tested with strings in place of a terminal.
/// Life     Borrows its streams.
/// Threads  One thread at a time.
/// Not here What is written (the commands), tables and JSON (format/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace majed::cli {

struct Terminal {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool out_is_terminal = false;  ///< Colour is used only then.
    bool err_is_terminal = false;  ///< Progress is shown in place only then.
    /// Asks without echo. Errors: invalid_argument (there is no terminal to ask).
    std::function<Result<Secret>(std::string_view prompt)> ask;
};

/// Asks on the terminal of this process, whatever its standard streams are.
[[nodiscard]] Result<Secret> ask_on_terminal(std::string_view prompt);

/// Where a password comes from: never from an argument.
struct PasswordChoice {
    bool from_stdin = false;  ///< First line.
    std::string file;         ///< First line; empty: not from a file.
};

/// Asked twice when it comes from a person. Errors: invalid_argument, not_found (no such file).
[[nodiscard]] Result<Secret> obtain_password(Terminal& terminal, const PasswordChoice& choice);

}  // namespace majed::cli
