/// The text of one file of migrations cut into the part that does and the part that undoes, each cut into statements.
///
/// Why      `-- majed:down` parts a file only where the engine sees a comment: inside a text, a body or the rows of a COPY
///          the same line is content, and taking it for a border would run half a statement.
/// Life     Values.
/// Threads  Pure.
/// Not here Where a statement ends (script.h), what a file is called (migration_name.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/dialect.h"
#include "migrate/script.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

struct MigrationPart {
    Script script = {};     ///< Offsets and lines are those of the file.
    bool stepwise = false;  ///< By directive, by one of its statements, or on Oracle.
    bool foreign_keys_off = false;
};

/// Something wrong in a file. Line 0: with the file as a whole.
struct Mistake {
    std::size_t line = 0;
    std::string what;
};

struct MigrationParts {
    MigrationPart up = {};
    std::optional<MigrationPart> down = {};
    std::vector<Mistake> mistakes = {};  ///< In order of their lines; not empty: the rest means nothing.
};

enum class FileRole : std::uint8_t {
    both,    ///< `-- majed:up` and `-- majed:down` part it.
    undoing  ///< A `.down.sql`: all of it is `down`.
};

/// `bytes` are those of the whole file. Mistakes: no UTF-8, a NUL byte, what split_script refuses, a directive that is not
/// known, not alone on its line, twice or in the wrong place, transaction control.
[[nodiscard]] MigrationParts read_parts(Dialect dialect, std::string_view bytes, FileRole role);

}  // namespace majed::migrate
