/// One statement as the caller wrote it, and as the server gets it: `:name` becomes `$1`.
///
/// Why      PostgreSQL knows positions only, and its error positions must point into the caller's text.
/// Life     A value, kept with the prepared statement.
/// Threads  A value.
/// Not here The values (bound_parameters.h); whether the statement is valid (the server says).
///
/// Literals, quoted names, dollar quotes, comments, `::` casts, `:=` and array slices are left as they are. Within a
/// subscript a colon after an operand is a slice; after the bracket or an operator it begins a parameter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::driver::postgres {

class StatementText {
public:
    /// Errors: invalid_argument (a NUL byte; `$1` and `:name` in one statement; no statement), unsupported (COPY).
    [[nodiscard]] static Result<StatementText> read(std::string_view sql);

    /// A query that was parsed and rewritten before: its parameters are `$1` on, and no byte of it is changed.
    /// Errors: invalid_argument (a NUL byte).
    [[nodiscard]] static Result<StatementText> as_written(std::string_view query);

    [[nodiscard]] const std::string& native() const noexcept { return native_; }
    /// By position, each once; empty when the statement has `$1` or nothing.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    /// A query whose words name no write, and no function but well-known ones, for any other may write: it can be
    /// stopped half-way, or run again, without harm.
    [[nodiscard]] bool only_reads() const noexcept { return only_reads_; }

    /// INSERT, UPDATE, DELETE, MERGE, with a WITH before them or not; or a query behind WITH.
    [[nodiscard]] bool is_dml() const noexcept { return is_dml_; }
    /// COMMIT, END, PREPARE TRANSACTION: what was done before it may last when its reply is lost.
    [[nodiscard]] bool may_commit() const noexcept { return may_commit_; }

    /// Byte in the caller's text for the server's position: characters of native(), from 1.
    [[nodiscard]] std::size_t offset_of(std::size_t character) const noexcept;

private:
    friend class StatementReader;
    StatementText() = default;

    std::string native_;
    std::vector<std::string> names_;
    /// Where the two texts part: after byte `first` of native(), the caller's byte `second`.
    std::vector<std::pair<std::size_t, std::size_t>> edits_;
    bool only_reads_ = false;
    bool is_dml_ = false;
    bool may_commit_ = false;
};

}  // namespace majed::driver::postgres
